import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import type { ProjectEvent } from "../../../shared/events.ts"
import type { ToolPart } from "../../../shared/message.ts"
import { ModelError, type Turn } from "../../ports/model/port.ts"
import { type RunBench, runBench, until } from "../../testing/run-bench.ts"
import { type Beat, call, calls, say, type Script, stop, toolsStop, words } from "../../testing/scripted-model.ts"
import { send } from "../chat/send.ts"

let bench: RunBench
beforeEach(async () => {
  bench = await runBench(() => say("Hello."))
})
afterEach(() => bench.close())

type Finished = Extract<ProjectEvent, { type: "run.finished" }>

/** Runs a wish through a script and gives what came of it. */
async function play(script: Script | Beat[][], wish = "Build me an app", title: string | undefined = "App") {
  bench.model.requests.length = 0
  bench.model.script = Array.isArray(script) ? (_, index) => script[index] ?? say("(script is over)") : script
  const { id: projectId, root } = await bench.project(title)
  const { runId } = await send(bench.ctx, { projectId, content: wish })
  const end = (await bench.event(
    projectId,
    (event) => event.type === "run.finished" && event.runId === runId,
  )) as Finished
  const events = await bench.events(projectId)
  const state = await bench.state(projectId)
  const answer = state.messages.find((message) => message.role === "assistant" && message.runId === runId)
  if (answer === undefined) throw new Error("no answer")
  const streamed = events.flatMap((event) =>
    event.type === "message.delta" && event.messageId === answer.id ? [event.text] : [],
  )
  // Whatever happens: what is stored is what was streamed.
  expect(answer.content).toBe(streamed.join(""))
  const tools = answer.parts.filter((part): part is ToolPart => part.type === "tool")
  return { projectId, root, runId, end, events, state, answer, tools, requests: bench.model.requests }
}

const lastBlocks = (turns: Turn[] | undefined) => turns?.at(-1)?.blocks ?? []
const resultText = (turns: Turn[] | undefined) =>
  lastBlocks(turns)
    .map((block) =>
      block.type === "toolResult"
        ? `${block.failed ? "failed: " : ""}${block.text}`
        : block.type === "text"
          ? block.text
          : "",
    )
    .join("\n")
const files = { path: "hello.txt", content: "one\ntwo\n" }

describe("a run", () => {
  test("streams words and work, makes one version, and tells it in order", async () => {
    const { answer, events, projectId, root, runId, state, requests } = await play([
      [...words("I will ", "make it."), ...calls(call("write_file", files))],
      [...words("Now the page."), ...calls(call("edit_file", { path: "hello.txt", search: "two", replace: "2" }))],
      calls(call("finish", { summary: "It is done.", nextSteps: ["Add search"] })),
    ])
    expect(answer.content).toBe("I will make it.\n\nNow the page.\n\nIt is done.")
    expect(answer.parts.map((part) => part.type)).toEqual(["text", "tool", "text", "tool", "text", "nextSteps"])
    expect(answer.parts[1]).toMatchObject({ tool: "write_file", path: "hello.txt", state: "ok", added: 2, removed: 0 })
    expect(await Bun.file(`${root}/hello.txt`).text()).toBe("one\n2\n")
    const head = await bench.ctx.repository.head(projectId)
    expect(answer).toMatchObject({ versionSha: head, tokensUsed: 330 })
    expect(state.versions).toMatchObject([{ sha: head, runId, title: "Build me an app" }])
    const types = events
      .map(({ type }) => type)
      .filter((type) => !["message.delta", "tool.delta", "build.changed", "project.changed"].includes(type))
    expect(types.slice(types.indexOf("message.completed"))).toEqual([
      "message.completed",
      "version.created",
      "run.finished",
    ])
    expect(events.at(-1)?.type).toBe("project.changed")
    expect(types.slice(0, types.indexOf("tool.started"))).toEqual(["message.created", "run.started", "message.created"])
    expect(requests[1]?.turns.map((turn) => [turn.role, turn.blocks.map((block) => block.type)])).toEqual([
      ["user", ["text"]],
      ["assistant", ["text", "toolCall"]],
      ["user", ["toolResult"]],
    ])
    const asked = await until(() => (bench.asked.length === 2 ? bench.asked.toSorted() : undefined))
    expect(asked).toEqual(["builds.kick", "wake draft true"])
  })

  test("without changes makes no version", async () => {
    const { state, answer } = await play([say("Just an answer.")])
    expect(answer).toMatchObject({ content: "Just an answer.", versionSha: null })
    expect(state.versions).toEqual([])
    expect(bench.asked).toEqual([])
  })

  test("keeps a character that comes in two halves, and what the database cannot hold out", async () => {
    const { answer } = await play([[...words("a\ud83d", "\ude00b", "\ud83d", "c\0d"), ...say("\ud83d")]])
    expect(answer.content).toBe("a\u{1f600}b\ufffdc\ufffdd\ufffd")
  })

  test("shows how far a file has come", async () => {
    const content = Array.from({ length: 300 }, (_, n) => `line ${n}`).join("\n")
    const { events } = await play([calls(call("write_file", { path: "long.txt", content })), say("Done.")])
    const told = events.filter((event) => event.type === "tool.delta")
    expect(told.length).toBeGreaterThan(0)
    expect(told.at(-1)).toMatchObject({ path: "long.txt", lines: expect.any(Number) })
  })

  test("gives each line of work its own id, whatever the provider calls it", async () => {
    const { tools } = await play([
      calls(call("write_file", files, "same")),
      calls(call("write_file", { path: "../x", content: "" }, "same")),
      say("Done."),
    ])
    expect(new Set(tools.map((tool) => tool.callId)).size).toBe(2)
    expect(tools.map((tool) => tool.state)).toEqual(["ok", "failed"])
  })

  test("a question ends the run with choices", async () => {
    const { answer, end } = await play([
      calls(call("ask_user", { question: "Which colour?", choices: ["Red", "Blue"] })),
    ])
    expect(end.outcome).toBe("completed")
    expect(answer.parts).toEqual([{ type: "question", question: "Which colour?", choices: ["Red", "Blue"] }])
  })

  test("earlier turns go along, with a note of what was done", async () => {
    const first = await play([calls(call("write_file", files)), say("Made it.")], "Make a list")
    bench.model.script = () => say("Changed it.")
    const { runId } = await send(bench.ctx, { projectId: first.projectId, content: "Add a search" })
    await bench.event(first.projectId, (event) => event.type === "run.finished" && event.runId === runId)
    const request = bench.model.requests.at(-1)
    expect(request?.turns).toEqual([
      { role: "user", blocks: [{ type: "text", text: "Make a list" }] },
      { role: "assistant", blocks: [{ type: "text", text: "Made it.\n\n<work>wrote hello.txt</work>" }] },
      { role: "user", blocks: [{ type: "text", text: "Add a search" }] },
    ])
    expect(request?.system[1]).toContain("hello.txt (8 bytes)")
    expect(request?.system[1]).toContain("# The project: App")
  })
})

describe("the name of a project", () => {
  test("comes from the model once the answer has begun, before the draft starts", async () => {
    const begun: string[] = []
    bench.model.title = async () => {
      begun.push("title")
      return '"Stock keeper."\n'
    }
    const { projectId } = await play(
      [
        [
          Promise.resolve().then(() => begun.push("answer")),
          ...words("Hi"),
          ...calls(call("run_command", { command: "ls" })),
        ],
        say("Done."),
      ],
      "Build me a stock tracker",
      "",
    )
    expect(begun).toEqual(["answer", "title"])
    expect((await bench.state(projectId)).project).toMatchObject({ title: "Stock keeper", slug: "stock-keeper" })
    expect(bench.asked).toContain("exec ls")
    expect(bench.asked.filter((what) => what.startsWith("wake"))).toEqual(["wake draft true"])
  })

  test("is the first words when the model gives none", async () => {
    bench.model.title = async () => {
      throw new ModelError("provider_busy", "busy", true)
    }
    const { state } = await play(
      [say("Hi")],
      "Please build me an inventory tracker for a small shop with many shelves and boxes",
      "",
    )
    expect(state.project?.title).toBe("Inventory tracker for a small shop with many shelves and")
  })
})

describe("calls", () => {
  test.each([
    ["../x", "outside"],
    ["/etc/passwd", ""],
    [".git/config", ""],
    ["a\0b", ""],
    ["node_modules/x.js", ""],
    ["", ""],
  ])("to a hostile path %j are refused with a reason and the run goes on", async (path) => {
    const { requests, end, tools } = await play([calls(call("write_file", { path, content: "x" })), say("Then not.")])
    expect(end.outcome).toBe("completed")
    expect(tools).toMatchObject([{ state: "failed" }])
    expect(resultText(requests[1]?.turns)).toMatch(/^failed: .{10}/)
  })

  test("with an input that does not fit, or to no tool, are told so", async () => {
    const { requests, tools } = await play([
      calls(call("write_file", { path: 5 }), call("fly", {}), call("edit_file", "no")),
      say("Hm."),
    ])
    expect(resultText(requests[1]?.turns)).toMatch(
      /failed: The input of write_file is not right.*path.*content.*failed: There is no tool called fly.*failed: The input of edit_file/s,
    )
    expect(tools.map((tool) => tool.state)).toEqual(["failed", "failed", "failed"])
  })

  test("do not run when the answer was cut; the limit is raised once, then a split is asked for", async () => {
    const cut: Beat[] = [
      { type: "toolStart", callId: "c", tool: "write_file" },
      { type: "toolInput", callId: "c", json: '{"path":"big.txt","content":"half' },
    ]
    const { requests, root, tools, end } = await play([
      [...words("Writing."), ...cut, ...stop("length")],
      // An adapter may also hand over a call that was cut.
      [...call("write_file", { path: "big.txt", content: "half" }), ...stop("length")],
      calls(call("write_file", { path: "big.txt", content: "whole" })),
      say("Done."),
    ])
    expect(requests.map((request) => request.maxTokens)).toEqual([16_384, 32_768, 32_768, 32_768])
    expect(resultText(requests[1]?.turns)).toContain("more room now")
    expect(resultText(requests[2]?.turns)).toContain("split the file")
    expect(tools.map((tool) => tool.state)).toEqual(["failed", "failed", "ok"])
    expect(await Bun.file(`${root}/big.txt`).text()).toBe("whole")
    expect(end.outcome).toBe("completed")
  })

  test("that leave code out, or drop most of a file, are refused", async () => {
    const long = Array.from({ length: 80 }, (_, n) => `line ${n}`).join("\n")
    const { projectId } = await play([calls(call("write_file", { path: "app.txt", content: long })), say("Done.")])
    bench.model.requests.length = 0
    bench.model.script = (_, index) =>
      [
        calls(call("write_file", { path: "app.txt", content: "// ... rest of the code stays the same ..." })),
        calls(call("write_file", { path: "app.txt", content: "short" })),
        calls(call("write_file", { path: "app.txt", content: "short", replaces_whole_file: true })),
      ][index] ?? say("Done.")
    const { runId } = await send(bench.ctx, { projectId, content: "shorten" })
    await bench.event(projectId, (event) => event.type === "run.finished" && event.runId === runId)
    const [, second, third, fourth] = bench.model.requests
    expect(resultText(second?.turns)).toContain("instead of the code itself")
    expect(resultText(third?.turns)).toContain("replaces_whole_file: true")
    expect(resultText(fourth?.turns)).toBe("Wrote app.txt.")
  })

  test("finish is not believed when something failed beside it", async () => {
    const finish = call("finish", { summary: "All done." })
    const { requests, answer } = await play([
      calls(finish, call("edit_file", { path: "none.txt", search: "a", replace: "b" })),
      calls(call("finish", { summary: "Now it is." })),
    ])
    expect(resultText(requests[1]?.turns)).toContain("failed: Not finished")
    expect(answer.content).toBe("Now it is.")
  })

  test("show the model what a command said, cut to a size", async () => {
    bench.exec = async () => ({
      exitCode: 2,
      output: `${"x".repeat(50_000)}THE END`,
      truncatedBytes: 1_000,
      ended: "exit",
    })
    const { requests } = await play([calls(call("run_command", { command: "bun test" })), say("It failed.")])
    const text = resultText(requests[1]?.turns)
    expect(text).toMatch(/^failed: Exit code 2\./)
    expect(text).toEndWith("THE END")
    expect(text.length).toBeLessThan(17_000)
  })
})

describe("the end", () => {
  test.each([
    ["refusal", "provider_refused"],
    ["context", "provider_context"],
  ] as const)("of a run that was met with %s is a failure with words", async (reason, kind) => {
    const { end, answer } = await play([[...words("I "), ...stop(reason)]])
    expect(end).toMatchObject({ outcome: "failed", error: { kind, words: expect.any(String) } })
    expect(answer.content).toBe("I ")
  })

  test("text that was cut goes on without a gap", async () => {
    const { answer, requests } = await play([
      [...words("one tw"), ...stop("length")],
      [...words("o thr"), ...stop("pause")],
      say("ee"),
    ])
    expect(answer.content).toBe("one two three")
    expect(resultText(requests[1]?.turns)).toContain("Continue exactly")
  })

  test("a step that failed before anything came is asked again; afterwards it is a failure with the partial kept", async () => {
    const busy = new ModelError("provider_busy", "529", true, 0)
    const again = await play([[busy], say("Here I am.")])
    expect(again.end.outcome).toBe("completed")
    expect(again.answer.content).toBe("Here I am.")

    const late = await play([[...words("Half of"), new ModelError("provider_cut", "cut", true, 0)], say("never")])
    expect(late.end).toMatchObject({ outcome: "failed", error: { kind: "provider_cut" } })
    expect(late.answer.content).toBe("Half of")
    expect(late.requests).toHaveLength(1)

    const refused = await play([[new ModelError("provider_auth", "401", false)], say("never")])
    expect(refused.end).toMatchObject({ outcome: "failed", error: { kind: "provider_auth" } })

    const broken = await play([[new TypeError("secret inside")]])
    expect(broken.end).toMatchObject({ outcome: "failed", error: { kind: "internal", detail: null } })
  })

  test("a failed run puts its edits aside", async () => {
    const { end, root, state } = await play([
      calls(call("write_file", files)),
      [new ModelError("provider_auth", "401", false)],
    ])
    expect(end).toMatchObject({ outcome: "failed", recoverable: true })
    expect(await Bun.file(`${root}/hello.txt`).exists()).toBe(false)
    expect(state.runs).toMatchObject([{ state: "finished", outcome: "failed", recoverable: true }])
  })

  test("a model that goes round in circles is stopped with words", async () => {
    const { end, answer, requests } = await play((request) =>
      request.tools.length > 0 ? calls(call("read_files", { paths: ["nothing.txt"] })) : say("I could not find it."),
    )
    expect(end.outcome).toBe("completed")
    expect(answer.content).toBe("I could not find it.")
    expect(requests).toHaveLength(5)
    expect(resultText(requests.at(-1)?.turns)).toContain("same call")
  })

  test("the last of 60 steps has no tools, so that the run ends in words", async () => {
    const { end, answer, requests } = await play((request, index) =>
      request.tools.length > 0
        ? calls(call("write_file", { path: "n.txt", content: `${index}` }))
        : say("This is as far as I came."),
    )
    expect(requests).toHaveLength(60)
    expect(end.outcome).toBe("completed")
    expect(answer.content).toBe("This is as far as I came.")
  })

  test("after work without a word the model is asked for some; an answer of nothing at all is a failure", async () => {
    const { answer, requests } = await play([calls(call("write_file", files)), stop("end"), say("I wrote a file.")])
    expect(answer.content).toBe("I wrote a file.")
    expect(requests.at(-1)?.tools).toEqual([])
    const empty = await play([stop("end"), stop("end")])
    expect(empty.end).toMatchObject({ outcome: "failed", error: { kind: "provider_cut" } })
  })

  test("takes too long: a failure that says so", async () => {
    await bench.close()
    bench = await runBench(() => say("x"))
    const never = new Promise<never>(() => {})
    const slow = await bench.process({ runTimeoutMinutes: 0.3 / 60 })
    bench.model.script = () => [...words("Thinking"), never]
    const { id: projectId } = await bench.project("Slow")
    const { runId } = await send(slow, { projectId, content: "slow" })
    expect(
      await bench.event(projectId, (event) => event.type === "run.finished" && event.runId === runId),
    ).toMatchObject({
      outcome: "failed",
      error: { kind: "timeout" },
    })
    expect(bench.model.aborts).toHaveLength(1)
  })
})

test("a call that is still running when the run ends has not come to its end", async () => {
  const hold = Promise.withResolvers<void>()
  bench.model.script = () => [{ type: "toolStart", callId: "c", tool: "write_file" }, hold.promise, ...toolsStop]
  const { id: projectId } = await bench.project("Half")
  const { runId } = await send(bench.ctx, { projectId, content: "half" })
  await bench.event(projectId, (event) => event.type === "tool.started")
  await bench.ctx.runs.stop(projectId, runId)
  await bench.event(projectId, (event) => event.type === "run.finished")
  expect((await bench.state(projectId)).messages.at(-1)?.parts).toMatchObject([{ type: "tool", state: "failed" }])
})
