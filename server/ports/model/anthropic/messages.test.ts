import { afterAll, beforeAll, expect, test } from "bun:test"
import { LLMock } from "@copilotkit/aimock"
import { ModelError } from "../port.ts"
import {
  callBlock,
  collect,
  messageEnd,
  messageStart,
  modelAt,
  request,
  startDouble,
  testKey,
  textBlock,
  textOf,
  whole,
} from "./sse-double.ts"

const mock = new LLMock({ port: 0, host: "127.0.0.1", auth: { apiKeys: [testKey] } })
const never = new AbortController().signal
beforeAll(() => mock.start())
afterAll(() => mock.stop())

const wish = (text: string) => request({ turns: [{ role: "user", blocks: [{ type: "text", text }] }] })

test("text comes in pieces and adds up; one usage and one stop come last", async () => {
  const answer = "Grüße aus Köln: 你好, naïve café. ".repeat(20)
  mock.onMessage("say hello", { content: answer }, { chunkSize: 7 })
  const { events, error } = await collect(modelAt(mock.url).stream(wish("say hello"), never))
  expect(error).toBeNull()
  expect(textOf(events)).toBe(answer)
  expect(events.filter((event) => event.type === "text").length).toBeGreaterThan(20)
  expect(events.slice(-2).map((event) => event.type)).toEqual(["usage", "stop"])
  expect(events.at(-1)).toEqual({ type: "stop", reason: "end" })
})

test("calls made at once come with their input in pieces and as a whole", async () => {
  const files = [
    { path: "index.html", content: "<h1>Shop</h1>\n".repeat(30) },
    { path: "style.css", content: 'body { content: "\\201C" }' },
  ]
  mock.onMessage(
    "two files",
    {
      content: "Here they are.",
      toolCalls: files.map((file, index) => ({
        id: `toolu_${index}`,
        name: "write_file",
        arguments: JSON.stringify(file),
      })),
    },
    { chunkSize: 20 },
  )
  const { events } = await collect(modelAt(mock.url).stream(wish("two files"), never))
  const calls = events.filter((event) => event.type === "toolCall")
  expect(calls.map(({ callId, tool, input }) => ({ callId, tool, input }))).toEqual([
    { callId: "toolu_0", tool: "write_file", input: files[0] },
    { callId: "toolu_1", tool: "write_file", input: files[1] },
  ])
  const pieces = events.flatMap((event) =>
    event.type === "toolInput" && event.callId === "toolu_0" ? [event.json] : [],
  )
  expect(pieces.length).toBeGreaterThan(5)
  expect(JSON.parse(pieces.join(""))).toEqual(files[0])
  expect(events.at(-1)).toEqual({ type: "stop", reason: "tools" })
})

test("a wrong key is told as such and never repeated", async () => {
  const wrong = "sk-ant-wrong-key-987654321"
  const { error } = await collect(modelAt(mock.url, { claudeApiKey: wrong }).stream(wish("say hello"), never))
  expect(error).toBeInstanceOf(ModelError)
  expect(error).toMatchObject({ kind: "provider_auth", retryable: false })
  expect(JSON.stringify([error, String(error)])).not.toContain(wrong)
})

test("an answer that breaks off keeps what was told", async () => {
  mock.onMessage(
    "break off",
    { content: "word ".repeat(200) },
    { chunkSize: 5, truncateAfterChunks: 20, streamingProfile: { ttft: 1, tps: 1_000 } },
  )
  const { events, error } = await collect(modelAt(mock.url).stream(wish("break off"), never))
  expect(textOf(events)).toStartWith("word word")
  expect(error).toMatchObject({ kind: "provider_cut", retryable: true })
})

test("a short answer comes without streaming", async () => {
  mock.onMessage("name it", { content: "Bakery shop" })
  const { tools: _tools, ...short } = wish("name it")
  expect(await modelAt(mock.url).complete(short, never)).toBe("Bakery shop")
})

test("the request is what the API of 2026-10-21 wants", async () => {
  await using double = startDouble(() => whole(...textBlock(0, "ok"), ...messageEnd("end_turn")))
  await collect(modelAt(double.url).stream(request(), never))
  expect(double.headers[0]?.get("authorization")).toBe(`Bearer ${testKey}`)
  expect(double.headers[0]?.get("x-api-key")).toBeNull()
  expect(double.headers[0]?.get("anthropic-version")).toBe("2026-10-21")
  expect(double.bodies[0]).toEqual({
    model: "claude-sonnet-5-5",
    max_tokens: 1_000,
    stream: true,
    cache_control: { type: "ephemeral" },
    system: [
      { type: "text", text: "You build apps.", cache_control: { type: "ephemeral" } },
      { type: "text", text: "Project: bakery" },
    ],
    messages: [{ role: "user", content: [{ type: "text", text: "Build me a shop" }] }],
    tools: [
      {
        name: "write_file",
        description: "Writes a file",
        input_schema: { type: "object", properties: {} },
        eager_input_streaming: true,
      },
    ],
  })
})

const afterCall = (callId: string) =>
  request({
    turns: [
      { role: "user", blocks: [{ type: "text", text: "Build me a shop" }] },
      {
        role: "assistant",
        blocks: [
          { type: "text", text: "  " },
          { type: "toolCall", callId, tool: "write_file", input: { path: "a.txt" } },
        ],
      },
      { role: "user", blocks: [{ type: "toolResult", callId, text: "no such folder", failed: true }] },
    ],
  })

test("results of calls go back; without tools the talk still names the ones it used", async () => {
  await using double = startDouble(() => whole(...textBlock(0, "ok"), ...messageEnd("end_turn")))
  const model = modelAt(double.url)
  await collect(model.stream(afterCall("toolu_7"), never))
  await collect(model.stream({ ...afterCall("toolu_7"), tools: [] }, never))
  expect(double.bodies[0]?.["messages"]).toEqual([
    { role: "user", content: [{ type: "text", text: "Build me a shop" }] },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_7", name: "write_file", input: { path: "a.txt" } }] },
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "toolu_7", content: "no such folder", is_error: true }],
    },
  ])
  expect(double.bodies[1]).toMatchObject({ tools: [{ name: "write_file" }], tool_choice: { type: "none" } })
})

test.each([
  ["end_turn", "end"],
  ["stop_sequence", "end"],
  ["tool_use", "tools"],
  ["max_tokens", "length"],
  ["pause_turn", "pause"],
  ["refusal", "refusal"],
  ["model_context_window_exceeded", "context"],
  ["something_newer", "end"],
] as const)("the stop reason %s is ours %s", async (theirs, ours) => {
  await using double = startDouble(() => whole(...textBlock(0, "ok"), ...messageEnd(theirs)))
  const { events } = await collect(modelAt(double.url).stream(request(), never))
  expect(events.at(-1)).toEqual({ type: "stop", reason: ours })
})

test("usage counts what was read from the cache and written to it as input", async () => {
  const start = { input_tokens: 10, cache_creation_input_tokens: 200, cache_read_input_tokens: 3_000, output_tokens: 1 }
  await using double = startDouble(() =>
    whole(
      { ...messageStart, message: { ...messageStart.message, usage: start } },
      ...textBlock(0, "ok"),
      ...messageEnd("end_turn"),
    ),
  )
  const { events } = await collect(modelAt(double.url).stream(request(), never))
  expect(events).toContainEqual({ type: "usage", usage: { input: 3_210, output: 34, cached: 3_000 } })
})

test("input that was cut or is not JSON is handed on for the tool to refuse", async () => {
  await using double = startDouble(() =>
    whole(
      ...callBlock(0, "toolu_1", "write_file", '{"path":"a.t'),
      ...callBlock(1, "toolu_2", "finish"),
      ...messageEnd("max_tokens"),
    ),
  )
  const { events } = await collect(modelAt(double.url).stream(request(), never))
  const inputs = events.flatMap((event) => (event.type === "toolCall" ? [event.input] : []))
  expect(inputs).toEqual(['{"path":"a.t', {}])
  expect(events.at(-1)).toEqual({ type: "stop", reason: "length" })
})

test("a character in two halves comes whole; NUL never comes", async () => {
  await using double = startDouble(() =>
    whole(...textBlock(0, "a\uD83D", "\uDE00b", "\0", "\uD83D"), ...messageEnd("end_turn")),
  )
  const { events } = await collect(modelAt(double.url).stream(request(), never))
  expect(textOf(events)).toBe("a\u{1F600}b\uFFFD\uFFFD")
  for (const event of events) if (event.type === "text") expect(event.text.isWellFormed()).toBe(true)
})

const thought = (index: number, thinking: string, signature: string) => [
  { type: "content_block_start", index, content_block: { type: "thinking", thinking: "", signature: "" } },
  { type: "content_block_delta", index, delta: { type: "thinking_delta", thinking } },
  { type: "content_block_delta", index, delta: { type: "signature_delta", signature } },
  { type: "content_block_stop", index },
]

test("what the model thought goes back unchanged with the results, and is left out when it no longer fits", async () => {
  await using double = startDouble((count) => {
    if (count === 1) {
      return whole(
        ...thought(0, "first", "sig-1"),
        ...textBlock(1, "I write."),
        ...thought(2, "second", "sig-2"),
        ...callBlock(3, "toolu_9", "write_file", "{}"),
        ...messageEnd("tool_use"),
      )
    }
    if (count === 2) {
      const message = "messages.1.content.0: Invalid `signature` in `thinking` block."
      return Response.json({ type: "error", error: { type: "invalid_request_error", message } }, { status: 400 })
    }
    return whole(...textBlock(0, "Done"), ...messageEnd("end_turn"))
  })
  const model = modelAt(double.url)
  const first = await collect(model.stream(request(), never))
  expect(textOf(first.events)).toBe("I write.")
  const second = await collect(model.stream(afterCall("toolu_9"), never))
  expect(textOf(second.events)).toBe("Done")
  const assistant = double.bodies
    .slice(1)
    .map((body) => (body["messages"] as { content: { type: string }[] }[])[1]?.content)
  expect(assistant[0]).toEqual([
    { type: "thinking", thinking: "first", signature: "sig-1" },
    { type: "thinking", thinking: "second", signature: "sig-2" },
    { type: "tool_use", id: "toolu_9", name: "write_file", input: { path: "a.txt" } },
  ] as never)
  expect(assistant[1]?.map((block) => block.type)).toEqual(["tool_use"])
})
