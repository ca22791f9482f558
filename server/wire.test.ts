import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { join } from "node:path"
import type { GoChatClient } from "../shared/client.ts"
import type { ProjectEvent } from "../shared/events.ts"
import { type SpawnedServer, signUp, spawnServer } from "./testing/spawned-server.ts"
import { follow, talk, type Talked } from "./testing/talk.ts"
import { startWireModel, toolResults, type WireModel, type WireRequest } from "./testing/wire-model.ts"

/** The real adapter over a real wire: every tool, what the model is told, and what is left of it. */
const pace = { tokensPerSecond: 80 }
const shelf = "Make a shelf for my books"
const ask = "Sort it for me"
const snippet = "Show me how to add in Python"
const slow = "Tell me something slow"
const fenced = "This adds two numbers:\n\n```python\ndef add(a, b):\n    return a + b\n```\n\nIt is short."

let wire: WireModel
let server: SpawnedServer
let client: GoChatClient
let projectId: string
let shelved: Talked

beforeAll(async () => {
  wire = await startWireModel({ title: "Book shelf" })
  wire.script(
    shelf,
    [
      {
        text: "I set up a shelf.",
        calls: [
          { tool: "write_file", input: { path: "notes.txt", content: "alpha\nbeta\ngamma\n" } },
          { tool: "write_file", input: { path: "lists/old.json", content: "[]\n" } },
          { tool: "write_file", input: { path: "scrap.txt", content: "away\n" } },
          { tool: "write_file", input: { path: "data/books.json", content: "[]\n" } },
        ],
      },
      { calls: [{ tool: "edit_file", input: { path: "notes.txt", search: "alpha\nbetta", replace: "one\ntwo" } }] },
      { calls: [{ tool: "edit_file", input: { path: "notes.txt", search: "alpha\nbeta", replace: "one\ntwo" } }] },
      {
        calls: [
          { tool: "read_files", input: { paths: ["notes.txt", "scrap.txt"] } },
          { tool: "search_files", input: { query: "GAMMA" } },
        ],
      },
      {
        calls: [
          { tool: "rename_file", input: { from: "lists/old.json", to: "lists/books.json" } },
          { tool: "delete_file", input: { path: "scrap.txt" } },
          { tool: "run_command", input: { command: "bun --version" } },
        ],
      },
      { calls: [{ tool: "finish", input: { summary: "Your shelf is ready.", nextSteps: ["Add a search field"] } }] },
    ],
    { ...pace, firstMs: 250 },
  )
  wire.script(
    ask,
    [
      {
        text: "One thing first.",
        calls: [{ tool: "ask_user", input: { question: "By title or by author?", choices: ["Title", "Author"] } }],
      },
    ],
    pace,
  )
  wire.script(snippet, [{ text: fenced }], pace)
  wire.script(slow, [{ text: "slow words ".repeat(120) }], pace)
  wire.script("brief", [{ text: "Short." }])
  server = await spawnServer({ CLAUDE_API_KEY: "test-key", ANTHROPIC_BASE_URL: wire.url })
  client = (await signUp(server.url)).client
  projectId = (await client.project.create.mutate({})).id
}, 120_000)
afterAll(async () => {
  await server.close()
  await wire.stop()
}, 60_000)

/** Requests of the conversation, without those for a title. */
const asked = (wish: string): WireRequest[] =>
  wire.requests().filter(({ body }) => (body.tools ?? []).length > 0 && JSON.stringify(body.messages).includes(wish))

async function git(...args: string[]): Promise<string> {
  const child = Bun.spawn(["git", `--git-dir=${join(server.dataDir, "repos", `${projectId}.git`)}`, ...args])
  return (await new Response(child.stdout).text()).trim()
}

const isAbout = (event: ProjectEvent) => event.type === "tool.started" || event.type === "tool.finished"

describe("all tools in one conversation", () => {
  test("the work is done, told in order, and ends with words", async () => {
    shelved = await talk(client, projectId, shelf)
    const { events, answer, end } = shelved
    expect(end).toMatchObject({ outcome: "completed", recoverable: false })
    expect(end.usage).toEqual({ input: 600, output: 60, cached: 0 })
    expect(answer.tokensUsed).toBe(660)
    expect(answer.content).toBe("I set up a shelf.\n\nYour shelf is ready.")
    expect(answer.parts.at(-1)).toEqual({ type: "nextSteps", steps: ["Add a search field"] })
    const work = answer.parts.flatMap((part) => (part.type === "tool" ? [[part.tool, part.path, part.state]] : []))
    expect(work).toEqual([
      ["write_file", "notes.txt", "ok"],
      ["write_file", "lists/old.json", "ok"],
      ["write_file", "scrap.txt", "ok"],
      ["write_file", "data/books.json", "failed"],
      ["edit_file", "notes.txt", "failed"],
      ["edit_file", "notes.txt", "ok"],
      ["read_files", undefined, "ok"],
      ["search_files", undefined, "ok"],
      ["rename_file", "lists/books.json", "ok"],
      ["delete_file", "scrap.txt", "ok"],
      ["run_command", undefined, "ok"],
    ])
    // Gapless; every line of work begins before it ends; then the answer, its version, the end.
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => (events[0]?.seq ?? 0) + index))
    const open = new Set<string>()
    for (const event of events.filter(isAbout)) {
      if (event.type === "tool.started") open.add(event.callId)
      if (event.type === "tool.finished") expect(open.delete(event.callId)).toBe(true)
    }
    expect(open.size).toBe(0)
    const order = events.map(({ type }) => type).filter((type) => !/delta|tool|project|sandbox|build/.test(type))
    expect(order).toEqual([
      "message.created",
      "run.started",
      "message.created",
      "message.completed",
      "version.created",
      "run.finished",
    ])
    const streamed = events.map((event) => (event.type === "message.delta" ? event.text : "")).join("")
    expect(streamed).toBe(answer.content)
  }, 40_000)

  test("each result went back to the model: what is refused with its reason, a command with its output", () => {
    const steps = asked(shelf)
    expect(steps).toHaveLength(6)
    const [, written, missed, edited, found, ran] = steps.map(toolResults)
    expect(written?.map(({ failed }) => failed)).toEqual([false, false, false, true])
    expect(written?.[3]?.text).toContain("left out of versions by .gitignore")
    expect(missed?.[0]).toMatchObject({ failed: true, text: expect.stringContaining("1| alpha\n2| beta\n3| gamma") })
    expect(edited?.[0]).toMatchObject({ failed: false })
    expect(found?.[0]).toMatchObject({
      failed: false,
      text: expect.stringMatching(/one\ntwo\ngamma\n[^]*scrap.txt[^]*away/),
    })
    expect(found?.[1]).toMatchObject({ failed: false, text: expect.stringContaining("notes.txt:3: gamma") })
    expect(ran?.map(({ failed }) => failed)).toEqual([false, false, false])
    expect(ran?.[2]?.text).toBe(`Exit code 0.\n${Bun.version}\n`)
    for (const { headers } of steps) expect(headers.get("authorization")).toBe("Bearer test-key")
  })

  test("one version with exactly these files, one commit that names its run", async () => {
    const { versions } = await client.version.list.query({ projectId })
    expect(versions).toHaveLength(1)
    const [version] = versions
    expect(version).toMatchObject({ number: 1, runId: shelved.runId, sha: shelved.answer.versionSha })
    const { files } = await client.file.tree.query({ projectId, ref: version?.sha })
    const template = await Array.fromAsync(
      new Bun.Glob("**/*").scan({ cwd: join(import.meta.dir, "../templates/static"), dot: true }),
    )
    expect(files.map(({ path }) => path).sort()).toEqual([...template, "lists/books.json", "notes.txt"].sort())
    const { content } = await client.file.read.query({ projectId, ref: version?.sha, path: "notes.txt" })
    expect(content).toBe("one\ntwo\ngamma\n")
    expect(await git("rev-list", "--count", "--all")).toBe("1")
    expect(await git("log", "-1", "--format=%(trailers:key=Run,valueonly)", "main")).toBe(shelved.runId)
  })

  test("the title is asked for only once the answer has begun", async () => {
    const titles = wire.requests().filter(({ body }) => (body.tools ?? []).length === 0)
    expect(titles).toHaveLength(1)
    const begun = asked(shelf)[0]?.answeredAt ?? Number.POSITIVE_INFINITY
    expect(titles[0]?.cameAt).toBeGreaterThan(begun)
    expect(await client.project.get.query({ projectId })).toMatchObject({ title: "Book shelf", slug: "book-shelf" })
  })

  test("a question ends the run; the next request holds the earlier turns and the files", async () => {
    const { answer, end, events } = await talk(client, projectId, ask)
    expect(end.outcome).toBe("completed")
    expect(answer.content).toBe("One thing first.")
    expect(answer.parts.at(-1)).toEqual({
      type: "question",
      question: "By title or by author?",
      choices: ["Title", "Author"],
    })
    expect(events.some(({ type }) => type === "version.created")).toBe(false)
    const [request] = asked(ask)
    const { messages = [], system } = request?.body ?? {}
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"])
    expect(JSON.stringify(messages[0])).toContain(shelf)
    const before = JSON.stringify(messages[1])
    for (const told of ["I set up a shelf.", "Your shelf is ready.", "wrote notes.txt", "deleted scrap.txt"]) {
      expect(before).toContain(told)
    }
    const about = JSON.stringify(system)
    expect(about).toContain("lists/books.json")
    expect(about).toContain("## notes.txt\\n```\\none\\ntwo\\ngamma\\n```")
    expect(about).not.toContain("scrap.txt")
  }, 30_000)
})

describe("code in an answer", () => {
  test("is named, cut out and counted in the event, in history and after a restart", async () => {
    const { events, answer, history } = await talk(client, projectId, snippet)
    const expected = {
      language: "python",
      code: "def add(a, b):\n    return a + b",
      startLine: 3,
      endLine: 6,
      startIndex: fenced.indexOf("```"),
      endIndex: fenced.lastIndexOf("```") + 3,
    }
    const completed = events.find((event) => event.type === "message.completed")
    expect(completed?.type === "message.completed" && completed.message.codeBlocks).toEqual([expected])
    expect(answer.content).toBe(fenced)
    expect(answer.codeBlocks).toEqual([expected])
    expect(await server.end("SIGTERM")).toBe(0)
    await server.restart()
    const again = await client.chat.history.query({ projectId })
    expect(again.messages).toEqual(history.messages)
    // Its question and choices too are what the model is told next.
    expect(JSON.stringify(asked(snippet)[0]?.body.messages)).toContain("By title or by author? (Title / Author)")
  }, 40_000)
})

describe("wishes that wait", () => {
  test("are changed, taken out and answered in their order; the same id twice is one wish", async () => {
    const { id } = await client.project.create.mutate({})
    const { seq } = await client.chat.history.query({ projectId: id })
    const first = await client.chat.send.mutate({ projectId: id, content: slow })
    const messageId = Bun.randomUUIDv7()
    const waiting = { projectId: id, messageId, content: "brief before it was changed" }
    const second = await client.chat.send.mutate(waiting)
    const third = await client.chat.send.mutate({ projectId: id, content: "brief and not wanted any more" })
    expect([first.queued, second.queued, third.queued]).toEqual([false, true, true])
    expect(second.messageId).toBe(messageId)
    expect(await client.chat.send.mutate(waiting)).toEqual(second)
    const edited = await client.chat.edit.mutate({ projectId: id, messageId, content: "brief as changed" })
    expect(edited).toEqual(second)
    await client.chat.unqueue.mutate({ projectId: id, messageId: third.messageId })
    await client.chat.stop.mutate({ projectId: id, runId: first.runId })
    const { events, history } = await follow(client, id, seq, second.runId)
    const ends = events.flatMap((event) => (event.type === "run.finished" ? [[event.runId, event.outcome]] : []))
    expect(ends).toEqual([
      [first.runId, "stopped"],
      [second.runId, "completed"],
    ])
    const wishes = history.messages.filter(({ role }) => role === "user").map(({ content }) => content)
    expect(wishes).toEqual([slow, "brief as changed"])
    expect(JSON.stringify(wire.requests().map(({ body }) => body.messages))).not.toContain("not wanted any more")
    expect(asked("brief before it was changed")).toHaveLength(0)
    expect(asked("brief as changed")).toHaveLength(1)
    // Also when it was answered long ago.
    const late = await client.chat.send.mutate(waiting)
    expect(late).toMatchObject({ messageId, runId: second.runId })
    expect((await client.chat.history.query({ projectId: id })).messages).toEqual(history.messages)
  }, 30_000)
})
