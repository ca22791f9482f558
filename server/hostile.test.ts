import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { GoChatClient } from "../shared/client.ts"
import { type SpawnedServer, signUp, spawnServer } from "./testing/spawned-server.ts"
import { talk, type Talked } from "./testing/talk.ts"
import { startWireModel, toolResults, type WireModel, type WireStep } from "./testing/wire-model.ts"

/** A model that means harm, at a real server: what it tries is refused in words, and the server goes on. */
const mark = crypto.randomUUID().slice(0, 8)
const canary = `canary-key-${mark}`
const goodbye = "That is all I could do."

let wire: WireModel
let server: SpawnedServer
let client: GoChatClient

beforeAll(async () => {
  wire = await startWireModel()
  server = await spawnServer({ CLAUDE_API_KEY: canary, ANTHROPIC_BASE_URL: wire.url, MAX_PROJECTS_PER_USER: "50" })
  client = (await signUp(server.url)).client
}, 120_000)
afterAll(async () => {
  await server.close()
  await wire.stop()
}, 60_000)
afterEach(async () => {
  // The same process, in good health.
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  expect(server.output().match(/"msg":"started"/g)).toHaveLength(1)
})

type Call = [tool: string, input: Record<string, unknown>]

/** Lets the model make these steps in a project of its own, then say goodbye. */
async function attack(steps: Call[][], { pieceChars = 200 } = {}) {
  const { id: projectId } = await client.project.create.mutate({})
  const wish = `wish ${crypto.randomUUID()}`
  const calls = steps.map((step): WireStep => ({ calls: step.map(([tool, input]) => ({ tool, input })) }))
  wire.script(wish, [...calls, { text: goodbye }], { pieceChars })
  const talked = await talk(client, projectId, wish)
  const asked = wire.requests().filter(({ body }) => JSON.stringify(body.messages).includes(wish))
  const results = asked.filter(({ body }) => (body.tools ?? []).length > 0).map(toolResults)
  return { projectId, talked, results: results.slice(1), root: join(server.dataDir, "workspaces", projectId) }
}

function endsWell({ end, answer }: Talked): void {
  expect(end).toMatchObject({ outcome: "completed" })
  expect(answer.content).toEndWith(goodbye)
}

async function run(command: string, seconds?: number) {
  const { results, ...rest } = await attack([[["run_command", { command, timeout_seconds: seconds }]]])
  return { ...rest, result: results[0]?.[0] ?? { text: "", failed: false } }
}

describe("names", () => {
  const bad: [path: string, reason: RegExp][] = [
    [`../escaped-${mark}`, /must stay inside/],
    [`a/../../escaped-${mark}`, /must stay inside/],
    [`/etc/escaped-${mark}`, /absolute/],
    [`~/escaped-${mark}`, /~/],
    [`C:/escaped-${mark}`, /absolute/],
    [`..\\escaped-${mark}`, /backslash/],
    [`escaped-${mark}\0.txt`, /control character/],
    [".git/config", /\.git/],
    [".GIT/config", /\.git/],
    ["git~1/config", /\.git/],
    [`sub/.git/hooks/escaped-${mark}`, /\.git/],
    [".g\u200cit/config", /\.git/],
    ["node_modules/x/index.js", /node_modules/],
    ["", /empty/],
    ["x".repeat(300), /longer than 255/],
  ]

  test("that lead out or to what is ours are refused by every tool with a reason; the good one is written", async () => {
    const write = bad.map(([path]): Call => ["write_file", { path, content: "[core]\n\tfsmonitor = evil\n" }])
    const others = bad
      .filter(([path]) => !path.startsWith("node_modules"))
      .flatMap(([path]): Call[] => [
        ["edit_file", { path, search: "root", replace: "evil" }],
        ["delete_file", { path }],
        ["read_files", { paths: [path] }],
        ["rename_file", { from: "README.md", to: path }],
      ])
    const good: Call = ["write_file", { path: "good.txt", content: "good\n" }]
    const { talked, results, root, projectId } = await attack([[...write, good], others])
    endsWell(talked)
    for (const [index, [, reason]] of bad.entries()) {
      expect(results[0]?.[index]).toMatchObject({ failed: true, text: expect.stringMatching(reason) })
    }
    expect(results[0]?.at(-1)).toMatchObject({ failed: false })
    expect(results[1]).toHaveLength(others.length)
    for (const result of results[1] ?? []) {
      expect(result.failed).toBe(true)
      expect(result.text).not.toContain("Something went wrong")
    }
    const { files } = await client.file.tree.query({ projectId, ref: talked.answer.versionSha ?? "" })
    expect(files.map(({ path }) => path)).toContain("good.txt")
    expect(files.filter(({ path }) => /git[~/]|\.git$|escaped/i.test(path))).toEqual([])
    expect(existsSync(join(root, ".git"))).toBe(false)
    expect(existsSync(join(root, "README.md"))).toBe(true)
    await nothingEscaped()
  }, 30_000)

  test("behind a link that a command made are not followed, and the link is in no version", async () => {
    const { talked, results, root, projectId } = await attack([
      [["run_command", { command: "ln -s /etc out && ln -s /etc/passwd user.txt && ls -ld out user.txt" }]],
      [
        ["write_file", { path: `out/escaped-${mark}`, content: "x" }],
        ["write_file", { path: "out/passwd", content: "x" }],
        ["write_file", { path: "user.txt", content: "x" }],
        ["read_files", { paths: ["out/passwd"] }],
        ["read_files", { paths: ["user.txt"] }],
        ["edit_file", { path: "user.txt", search: "root", replace: "evil" }],
        ["rename_file", { from: "README.md", to: `out/escaped-${mark}` }],
        ["search_files", { query: "root:x:0:0" }],
        ["write_file", { path: "real.txt", content: "x" }],
      ],
    ])
    endsWell(talked)
    expect(results[0]?.[0]).toMatchObject({ failed: false, text: expect.stringContaining("out -> /etc") })
    expect(results[1]?.map(({ failed }) => failed)).toEqual([true, true, true, true, true, true, true, false, false])
    for (const { text } of results[1]?.slice(0, 7) ?? []) expect(text).toMatch(/link/)
    expect(JSON.stringify(results)).not.toContain("root:x:0:0:")
    expect(await readFile("/etc/passwd", "utf8")).toContain("root:")
    const { files } = await client.file.tree.query({ projectId, ref: talked.answer.versionSha ?? "" })
    const paths = files.map(({ path }) => path)
    expect(paths).toContain("real.txt")
    expect(paths.filter((path) => path === "user.txt" || path.startsWith("out"))).toEqual([])
    expect(existsSync(join(root, "README.md"))).toBe(true)
    await nothingEscaped()
  }, 30_000)

  /** Looks for what was written outside of a workspace, or in one under a name that was refused. */
  async function nothingEscaped(): Promise<void> {
    for (const folder of ["/", "/etc", "/tmp", process.env["HOME"] ?? "/", process.cwd(), server.dataDir]) {
      expect((await readdir(folder)).filter((name) => name.includes(`escaped-${mark}`))).toEqual([])
    }
    const found = Bun.spawnSync(["find", server.dataDir, "-name", `*escaped-${mark}*`])
    expect(found.stdout.toString()).toBe("")
  }
})

describe("too much", () => {
  test("5 MB in one file are refused with the limit", async () => {
    const content = "0123456789abcde\n".repeat(330_000)
    const { talked, results, root } = await attack([[["write_file", { path: "big.txt", content }]]], {
      pieceChars: 60_000,
    })
    endsWell(talked)
    expect(results[0]?.[0]).toMatchObject({ failed: true, text: expect.stringContaining("1000000") })
    expect(existsSync(join(root, "big.txt"))).toBe(false)
  }, 30_000)

  test("10,000 files of a command: the model is told, and what is left of them is no version", async () => {
    const { talked, results, projectId } = await attack([
      [["run_command", { command: "mkdir many && cd many && seq 1 10000 | xargs touch && ls | wc -l" }]],
      [["write_file", { path: "one-more.txt", content: "x" }]],
    ])
    expect(results[0]?.[0]).toMatchObject({
      failed: true,
      text: expect.stringMatching(/\n10000\n[^]*the most is 2000/),
    })
    expect(results[1]?.[0]).toMatchObject({ failed: true, text: expect.stringContaining("2000 files") })
    expect(talked.end).toMatchObject({ outcome: "failed", recoverable: false, error: { kind: "too_large" } })
    expect(talked.end.error?.words).toContain("too large")
    expect(talked.answer.content).toEndWith(goodbye)
    expect((await client.version.list.query({ projectId })).versions).toEqual([])
    // The project is as it was, and the next wish is answered.
    const { files } = await client.file.tree.query({ projectId })
    expect(files.length).toBeLessThan(50)
    const wish = `wish ${crypto.randomUUID()}`
    wire.script(wish, [
      { calls: [{ tool: "write_file", input: { path: "after.txt", content: "x" } }] },
      { text: goodbye },
    ])
    const next = await talk(client, projectId, wish)
    endsWell(next)
    expect(next.answer.versionSha).not.toBeNull()
  }, 40_000)

  test("50 MB of output are cut and counted", async () => {
    const { talked, result } = await run("echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last")
    endsWell(talked)
    expect(result.failed).toBe(false)
    expect(result.text.length).toBeLessThan(20_000)
    expect(result.text).toContain("first")
    expect(result.text.trimEnd()).toEndWith("last")
    expect(result.text).toMatch(/left out/)
  }, 30_000)
})

describe("commands", () => {
  test("children that left their session are gone with the command", async () => {
    const marker = `left-over-${mark}`
    const start = `for n in $(seq 1 20); do setsid sh -c 'sleep 300; :' ${marker} >/dev/null 2>&1 & done`
    const { talked, result } = await run(`${start}; sleep 0.5; grep -lz '^${marker}$' /proc/[0-9]*/cmdline | wc -l`)
    endsWell(talked)
    expect(Number(result.text.match(/\n(\d+)/)?.[1])).toBeGreaterThanOrEqual(20)
    expect(await processesWith(marker)).toEqual([])
  }, 30_000)

  test("one that hangs, also deaf to signals, is ended at its limit", async () => {
    const marker = `deaf-${mark}`
    const { talked, result } = await run(
      `echo begun; trap '' TERM INT HUP; sh -c 'sleep 300; :' ${marker}; sleep 300`,
      1,
    )
    endsWell(talked)
    expect(result.failed).toBe(true)
    expect(result.text).toContain("longer than 1 s")
    expect(result.text).toContain("begun")
    expect(await processesWith(marker)).toEqual([])
  }, 30_000)

  test("one that is stopped by the person is gone at once", async () => {
    const marker = `stopped-${mark}`
    const { id: projectId } = await client.project.create.mutate({})
    const wish = `wish ${crypto.randomUUID()}`
    const command = `setsid sh -c 'sleep 300; :' ${marker} & sleep 300`
    wire.script(wish, [{ calls: [{ tool: "run_command", input: { command } }] }])
    const { seq } = await client.chat.history.query({ projectId })
    const { runId } = await client.chat.send.mutate({ projectId, content: wish })
    for await (const event of client.watch(projectId, { lastEventId: String(seq) })) {
      if (event.type === "tool.started") break
    }
    while ((await processesWith(marker)).length === 0) await Bun.sleep(20)
    await client.chat.stop.mutate({ projectId, runId })
    for await (const event of client.watch(projectId, { lastEventId: String(seq) })) {
      if (event.type !== "run.finished") continue
      expect(event.outcome).toBe("stopped")
      break
    }
    expect(await processesWith(marker)).toEqual([])
  }, 30_000)

  /** Of the whole machine: a process of a sandbox shows outside under another number. */
  async function processesWith(marker: string): Promise<string[]> {
    const found: string[] = []
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
      if (line.includes(marker)) found.push(line.replaceAll("\0", " "))
    }
    return found
  }
})

describe("secrets", () => {
  const walled = Bun.which("bwrap") !== null || process.env["CI"] === "true"
  if (!walled) process.stdout.write("bubblewrap is missing: not tested that commands see no key of the server\n")

  test.skipIf(!walled)(
    "no key of the server can be seen by a command, nor its data",
    async () => {
      // What is looked for is there to be found from outside.
      expect(await readFile(`/proc/${server.pid}/environ`, "utf8")).toContain(canary)
      const secret = (await readFile(join(server.dataDir, "secret.key"), "utf8")).trim()
      const { talked, results, root } = await attack([
        [
          ["run_command", { command: "cat /proc/*/environ | tr '\\0' '\\n'; echo; tr '\\0' ' ' < /proc/1/cmdline" }],
          ["run_command", { command: `env; env > left.txt; cat /proc/${server.pid}/environ` }],
          ["run_command", { command: `ls -la ${server.dataDir}; cat ${server.dataDir}/secret.key; ls /work ~ /root` }],
          ["run_command", { command: `ls ../ ../../; find / -name secret.key -not -path '/proc/*' 2>/dev/null; true` }],
          ["run_command", { command: `cat /proc/[0-9]*/root${server.dataDir}/secret.key; ls /proc/1/root/` }],
        ],
      ])
      endsWell(talked)
      const texts = results[0]?.map(({ text }) => text) ?? []
      // The look was real.
      expect(texts[0]).toContain("GOCHAT_SANDBOX=")
      expect(texts[1]).toContain("PATH=")
      expect(texts[2]).toMatch(/No such file|Permission denied/)
      expect(texts[3]).not.toContain(server.dataDir)
      const told = JSON.stringify([wire.requests().map(({ body }) => body), talked.events, talked.history])
      const kept = await readFile(join(root, "left.txt"), "utf8")
      for (const text of [told, kept, server.output(), ...texts]) {
        expect(text.includes(canary)).toBe(false)
        expect(text.includes(secret)).toBe(false)
      }
    },
    40_000,
  )
})
