import { expect, test } from "bun:test"
import { failure, messageEnd, modelAt, request, collect, startDouble, textBlock, whole } from "./sse-double.ts"

const info = (id: string, display_name: string) => ({ id, display_name, max_input_tokens: 1_000_000, max_tokens: 500 })
const page = Response.json.bind(null, {
  data: [
    info("claude-opus-5-5", "Claude Opus 5.5"),
    info("claude-sonnet-5-5", "Claude Sonnet 5.5"),
    info("claude-haiku-5-5", "Claude Haiku 5.5"),
  ],
  has_more: false,
  first_id: null,
  last_id: null,
})

test("the models come with their names, the default first, and are asked for once", async () => {
  await using double = startDouble(() => page())
  const model = modelAt(double.url)
  const [first, second] = await Promise.all([model.list(), model.list()])
  expect(first).toEqual([
    { id: "claude-sonnet-5-5", name: "Claude Sonnet 5.5" },
    { id: "claude-opus-5-5", name: "Claude Opus 5.5" },
    { id: "claude-haiku-5-5", name: "Claude Haiku 5.5" },
  ])
  expect(second).toEqual(first)
  expect(await model.list()).toEqual(first)
  expect(await model.health()).toBe("healthy")
  expect(double.headers).toHaveLength(1)
})

test("only allowed models are offered", async () => {
  await using double = startDouble(() => page())
  const models = await modelAt(double.url, { allowedModels: ["claude-haiku-5-5"] }).list()
  expect(models.map(({ id }) => id)).toEqual(["claude-sonnet-5-5", "claude-haiku-5-5"])
})

test("a provider that cannot be asked offers the default alone", async () => {
  await using double = startDouble(() => failure(401, "authentication_error", "no"))
  const model = modelAt(double.url)
  expect(await model.list()).toEqual([{ id: "claude-sonnet-5-5", name: "claude-sonnet-5-5" }])
  expect(await model.health()).toBe("unhealthy")
  expect(model.window("claude-sonnet-5-5")).toBe(200_000)
})

test("a gateway without a list of models is healthy", async () => {
  await using double = startDouble(() => new Response("not here", { status: 404 }))
  expect(await modelAt(double.url).health()).toBe("healthy")
})

test("window and output limit are the model's own once they are known", async () => {
  await using double = startDouble((_count, incoming) =>
    incoming.method === "GET" ? page() : whole(...textBlock(0, "ok"), ...messageEnd("end_turn")),
  )
  const model = modelAt(double.url)
  await model.list()
  expect(model.window("claude-opus-5-5")).toBe(1_000_000)
  await collect(model.stream(request({ maxTokens: 16_384 }), new AbortController().signal))
  expect(double.bodies[0]?.["max_tokens"]).toBe(500)
})
