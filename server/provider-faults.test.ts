import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test"
import { createGoChatClient, type GoChatClient } from "../shared/client.ts"
import { type RunErrorKind, runErrors } from "../shared/errors.ts"
import {
  callBlock,
  failure,
  messageEnd,
  messageStart,
  modelAt,
  sse,
  type SseDouble,
  startDouble,
  testKey,
  textBlock,
  whole,
} from "./ports/model/anthropic/sse-double.ts"
import { startTestServer, type TestServer } from "./testing/server.ts"
import { talk, type Talked } from "./testing/talk.ts"

/** Every way a provider can fail, at a real server: words of ours, what was said is kept, the chat goes on. */
type Answer = (count: number) => Response | Promise<Response>
interface Asked {
  stream?: boolean
  max_tokens: number
  messages: unknown[]
}

let double: SseDouble
let server: TestServer
let client: GoChatClient
let projectId: string
/** What the provider does with request `count` (from 1) of a test. */
let answer: Answer
let asked: Asked[] = []

beforeAll(async () => {
  double = startDouble((_, request) => {
    if (request.method !== "POST") return new Response(null, { status: 404 })
    const body = double.bodies.at(-1) as unknown as Asked
    if (body.stream !== true) return Response.json({ content: [{ type: "text", text: "Faulty app" }], usage: {} })
    asked.push(body)
    return answer(asked.length)
  })
  const model = modelAt(double.url, { firstByteMs: 250, idleMs: 250 })
  server = await startTestServer({ MAX_PROJECTS_PER_USER: "100" }, { model })
  const { apiKey } = await server.signUp()
  client = createGoChatClient({ url: server.url, apiKey })
}, 120_000)
afterAll(async () => {
  await server.stop()
  await double[Symbol.asyncDispose]()
}, 60_000)
beforeEach(async () => {
  asked = []
  projectId = (await client.project.create.mutate({})).id
})

const fine = () => whole(...textBlock(0, "All is well."), ...messageEnd("end_turn"))
const said = textBlock(0, "Half of ", "the answer")
const half = [messageStart, ...said.slice(0, -1)]
const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
const starting = (events: Record<string, unknown>[], open: boolean) =>
  sse(
    (send) => {
      for (const event of events) send(event)
    },
    { open },
  )

/** The run failed in a way that has a name, and says so in the words of the table, in the event and in history. */
function failsAs({ end, history, runId }: Talked, kind: RunErrorKind): void {
  expect(end).toMatchObject({ outcome: "failed", error: { kind, words: runErrors[kind] } })
  expect(history.runs).toMatchObject([{ runId, state: "finished", outcome: "failed", error: { kind } }])
  expect(JSON.stringify([end, history])).not.toContain(testKey)
}

/** The next wish is answered, and the model knows how the one before ended. */
async function goesOn(before = ""): Promise<void> {
  answer = fine
  const { end, answer: message } = await talk(client, projectId, "And now?")
  expect(end.outcome).toBe("completed")
  expect(message.content).toBe("All is well.")
  const told = JSON.stringify(asked.at(-1)?.messages)
  expect(told).toContain("Build me a shop")
  expect(told).toContain(before)
  expect(told).toContain("ended early because of an error")
}

describe("a failure before the first word", () => {
  const never = Promise.withResolvers<Response>().promise
  const failures: [name: string, kind: RunErrorKind, requests: number, answer: Answer][] = [
    ["a refused key", "provider_auth", 1, () => failure(401, "authentication_error", `invalid key ${testKey}`)],
    ["too often, no time named", "provider_rate_limit", 2, () => failure(429, "rate_limit_error", "Slow down")],
    [
      "too often, come back in an hour",
      "provider_rate_limit",
      1,
      () => failure(429, "rate_limit_error", "Slow down", { "retry-after": "3600" }),
    ],
    ["a fault of the service", "provider_busy", 6, () => failure(500, "api_error", "Internal server error")],
    ["an overload that stays", "provider_busy", 6, () => failure(529, "overloaded_error", "Overloaded")],
    ["no answer at all", "provider_silent", 1, () => never],
    ["headers and nothing more", "provider_silent", 1, () => starting([], true)],
    ["a stream that ends at once", "provider_cut", 6, () => starting([], false)],
    [
      "a request it does not take",
      "provider_rejected",
      1,
      () => failure(400, "invalid_request_error", "no such thing"),
    ],
    [
      "a conversation too long",
      "provider_context",
      1,
      () => failure(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    ],
    ["a refusal", "provider_refused", 1, () => whole(...messageEnd("refusal"))],
    ["a full window", "provider_context", 1, () => whole(...messageEnd("model_context_window_exceeded"))],
  ]

  test.each(failures)(
    "%s ends as %s",
    async (_name, kind, requests, fault) => {
      answer = fault
      const began = performance.now()
      const talked = await talk(client, projectId, "Build me a shop")
      failsAs(talked, kind)
      expect(talked.answer.content).toBe("")
      expect(asked).toHaveLength(requests)
      expect(performance.now() - began).toBeLessThan(8_000)
      await goesOn()
    },
    20_000,
  )

  test.each<[string, number, () => Response]>([
    ["an overload that passes", 0, () => failure(529, "overloaded_error", "Overloaded")],
    ["a time to wait that is kept", 1_950, () => failure(429, "rate_limit_error", "Slow", { "retry-after": "1" })],
  ])(
    "%s costs nothing but time",
    async (_name, least, fault) => {
      answer = (count) => (count < 3 ? fault() : fine())
      const began = performance.now()
      const { end, answer: message } = await talk(client, projectId, "Build me a shop")
      expect(end.outcome).toBe("completed")
      expect(message.content).toBe("All is well.")
      expect(asked).toHaveLength(3)
      expect(performance.now() - began).toBeGreaterThan(least)
    },
    20_000,
  )
})

describe("a failure in the middle", () => {
  test.each<[string, RunErrorKind, Answer]>([
    ["a cut stream", "provider_cut", () => starting(half, false)],
    ["silence", "provider_silent", () => starting(half, true)],
    ["an overload", "provider_busy", () => starting([...half, overloaded], false)],
    ["a refusal", "provider_refused", () => whole(...said, ...messageEnd("refusal"))],
    ["a full window", "provider_context", () => whole(...said, ...messageEnd("model_context_window_exceeded"))],
  ])(
    "%s keeps what was said, and asks nobody twice",
    async (_name, kind, fault) => {
      answer = fault
      const talked = await talk(client, projectId, "Build me a shop")
      failsAs(talked, kind)
      expect(talked.answer.content).toBe("Half of the answer")
      const streamed = talked.events.map((event) => (event.type === "message.delta" ? event.text : "")).join("")
      expect(streamed).toBe("Half of the answer")
      expect(asked).toHaveLength(1)
      await goesOn("Half of the answer")
    },
    20_000,
  )

  test("a call that never came whole does not run; edits made before it can be kept", async () => {
    const cut = callBlock(0, "toolu_2", "write_file", '{"path":"never.txt","content":"x').slice(0, 2)
    answer = (count) =>
      count === 1
        ? whole(
            ...callBlock(0, "toolu_1", "write_file", '{"path":"made.txt","content":"made"}'),
            ...messageEnd("tool_use"),
          )
        : starting([messageStart, ...cut], false)
    const talked = await talk(client, projectId, "Build me a shop")
    failsAs(talked, "provider_cut")
    expect(talked.end.recoverable).toBe(true)
    const tools = talked.answer.parts.flatMap((part) => (part.type === "tool" ? [[part.path, part.state]] : []))
    expect(tools).toEqual([
      ["made.txt", "ok"],
      ["never.txt", "failed"],
    ])
    const paths = async () => (await client.file.tree.query({ projectId })).files.map(({ path }) => path)
    expect(await paths()).not.toContain("made.txt")
    const version = await client.version.keep.mutate({ projectId, runId: talked.runId })
    expect(version).toMatchObject({ number: 1 })
    expect(await paths()).toContain("made.txt")
    expect(await paths()).not.toContain("never.txt")
  }, 20_000)
})

describe("the output limit", () => {
  const long = '{"path":"long.txt","content":"a long text"}'

  test("in a call: it does not run as it is, there is more room, and the model is told", async () => {
    answer = (count) => {
      // The API closes the block also where the limit cut it.
      if (count === 1)
        return whole(...callBlock(0, "toolu_1", "write_file", long.slice(0, -8)), ...messageEnd("max_tokens"))
      return count === 2
        ? whole(...callBlock(0, "toolu_2", "write_file", long), ...messageEnd("tool_use"))
        : whole(...textBlock(0, "There it is."), ...messageEnd("end_turn"))
    }
    const { end, answer: message } = await talk(client, projectId, "Build me a shop")
    expect(end.outcome).toBe("completed")
    expect(message.content).toBe("There it is.")
    const tools = message.parts.flatMap((part) => (part.type === "tool" ? [part.state] : []))
    expect(tools).toEqual(["failed", "ok"])
    const { content } = await client.file.read.query({ projectId, path: "long.txt", ref: message.versionSha ?? "" })
    expect(content).toBe("a long text")
    expect(asked.map(({ max_tokens }) => max_tokens)).toEqual([16_384, 32_768, 32_768])
    expect(JSON.stringify(asked[1]?.messages)).toContain("cut off by the output limit, so it did not run")
  }, 20_000)

  test("in a whole call too: what the stop reason does not allow does not run", async () => {
    answer = (count) =>
      count === 1 ? whole(...callBlock(0, "toolu_1", "write_file", long), ...messageEnd("max_tokens")) : fine()
    const { end, answer: message } = await talk(client, projectId, "Build me a shop")
    expect(end.outcome).toBe("completed")
    expect(message.versionSha).toBeNull()
    expect((await client.file.tree.query({ projectId })).files.map(({ path }) => path)).not.toContain("long.txt")
  }, 20_000)

  test("in text: the answer goes on where it was", async () => {
    answer = (count) =>
      count === 1
        ? whole(...textBlock(0, "Once upon "), ...messageEnd("max_tokens"))
        : whole(...textBlock(0, "a time."), ...messageEnd("end_turn"))
    const { end, answer: message } = await talk(client, projectId, "Build me a shop")
    expect(end.outcome).toBe("completed")
    expect(message.content).toBe("Once upon a time.")
  }, 20_000)
})
