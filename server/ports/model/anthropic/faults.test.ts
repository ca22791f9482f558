import { expect, test } from "bun:test"
import type { RunErrorKind } from "../../../../shared/errors.ts"
import { ModelError } from "../port.ts"
import {
  collect,
  failure,
  frame,
  messageEnd,
  messageStart,
  modelAt,
  request,
  sse,
  startDouble,
  testKey,
  textBlock,
  textOf,
  whole,
} from "./sse-double.ts"

const never = new AbortController().signal
const good = () => whole(...textBlock(0, "fine"), ...messageEnd("end_turn"))
const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
const kinds = (events: { type: string }[]) => events.map((event) => event.type)

test("a provider that names a time is waited for", async () => {
  await using double = startDouble((count) =>
    count === 1 ? failure(429, "rate_limit_error", "Slow down", { "retry-after": "1" }) : good(),
  )
  const began = performance.now()
  const { events } = await collect(modelAt(double.url).stream(request(), never))
  expect(events[0]).toEqual({ type: "waiting", seconds: 1, kind: "provider_rate_limit" })
  expect(performance.now() - began).toBeGreaterThan(950)
  expect(textOf(events)).toBe("fine")
})

test.each([
  ["names no time", {}, null],
  ["names more than a minute", { "retry-after": "61" }, 61],
])("a provider that asks for less and %s is left alone", async (_name, headers, waitSeconds) => {
  await using double = startDouble(() => failure(429, "rate_limit_error", "Slow down", headers))
  const { events, error } = await collect(modelAt(double.url).stream(request(), never))
  expect(events).toEqual([])
  expect(error).toMatchObject({ kind: "provider_rate_limit", retryable: true, waitSeconds })
  expect(double.bodies).toHaveLength(1)
})

test.each([500, 502, 503, 529])("%d is tried three times, then told", async (status) => {
  await using double = startDouble(() => failure(status, "api_error", "No"))
  const { events, error } = await collect(modelAt(double.url).stream(request(), never))
  expect(kinds(events)).toEqual(["waiting", "waiting"])
  expect(error).toMatchObject({ kind: "provider_busy", retryable: true })
  expect(double.bodies).toHaveLength(3)
})

test("an overload in the stream is tried again before the first word", async () => {
  await using double = startDouble((count) => (count < 3 ? whole(overloaded) : good()))
  const { events } = await collect(modelAt(double.url).stream(request(), never))
  expect(textOf(events)).toBe("fine")
  expect(double.bodies).toHaveLength(3)
})

test("an overload after the first word is told, not repeated", async () => {
  await using double = startDouble(() => whole(...textBlock(0, "half"), overloaded))
  const { events, error } = await collect(modelAt(double.url).stream(request(), never))
  expect(textOf(events)).toBe("half")
  expect(error).toMatchObject({ kind: "provider_busy", retryable: true })
  expect(double.bodies).toHaveLength(1)
})

const refusals: [number, string, string, RunErrorKind][] = [
  [401, "authentication_error", "invalid x-api-key", "provider_auth"],
  [403, "permission_error", "not allowed", "provider_auth"],
  [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "provider_context"],
  [413, "invalid_request_error", "Request exceeds the maximum size", "provider_context"],
  [400, "invalid_request_error", "temperature: not allowed", "provider_rejected"],
  [404, "not_found_error", "model: claude-none", "provider_rejected"],
  [402, "billing_error", "no credit", "provider_rejected"],
]
test.each(refusals)("%d %s (%s) is %s, asked once", async (status, type, message, kind) => {
  await using double = startDouble(() => failure(status, type, message, { "request-id": "req_42" }))
  const { events, error } = await collect(modelAt(double.url).stream(request(), never))
  expect(events).toEqual([])
  expect(error).toBeInstanceOf(ModelError)
  expect(error).toMatchObject({ kind, retryable: false })
  expect((error as ModelError).detail).toContain("req_42")
  expect(double.bodies).toHaveLength(1)
})

test("a key that the provider repeats is not repeated by us", async () => {
  await using double = startDouble(() =>
    failure(400, "invalid_request_error", `bad header: Bearer ${testKey}; key ${testKey}; also sk-ant-other-12345678`),
  )
  const { error } = await collect(modelAt(double.url).stream(request(), never))
  const { tools: _tools, ...short } = request()
  const other: unknown = await modelAt(double.url)
    .complete(short, never)
    .catch((reason: unknown) => reason)
  for (const told of [error, other]) {
    const all = [String(told), (told as ModelError).detail, (told as ModelError).stack, Bun.inspect(told)].join("\n")
    expect(all).toContain("[key]")
    expect(all).not.toContain(testKey)
    expect(all).not.toContain("sk-ant-other")
  }
})

test("nothing at all is silence", async () => {
  const { promise: hang } = Promise.withResolvers<Response>()
  await using double = startDouble(() => hang)
  const { error } = await collect(modelAt(double.url, { firstByteMs: 80 }).stream(request(), never))
  expect(error).toMatchObject({ kind: "provider_silent", retryable: true })
  expect(double.bodies).toHaveLength(1)
})

test("headers and then nothing is silence", async () => {
  await using double = startDouble(() => sse(() => {}, { open: true }))
  const { error } = await collect(modelAt(double.url, { firstByteMs: 80 }).stream(request(), never))
  expect(error).toMatchObject({ kind: "provider_silent" })
})

test("an answer that stops growing is silence, also when pings go on", async () => {
  await using double = startDouble((count) =>
    sse(
      async (send) => {
        for (const event of [messageStart, ...textBlock(0, "half").slice(0, 2)]) send(event)
        for (let pings = count === 2 ? 40 : 0; pings > 0; pings--) {
          await Bun.sleep(20)
          send({ type: "ping" })
        }
      },
      { open: true },
    ),
  )
  const model = modelAt(double.url, { idleMs: 100 })
  const began = performance.now()
  const dead = await collect(model.stream(request(), never))
  expect(dead.error).toMatchObject({ kind: "provider_silent" })
  expect(textOf(dead.events)).toBe("half")
  const pinged = performance.now()
  const pinging = await collect(model.stream(request(), never))
  expect(pinging.error).toMatchObject({ kind: "provider_silent" })
  expect(performance.now() - pinged).toBeGreaterThan(250)
  expect(pinged - began).toBeLessThan(2_000)
})

test("a slow answer is not silence", async () => {
  await using double = startDouble(() =>
    sse(async (send) => {
      send(messageStart)
      for (const event of [...textBlock(0, ..."drip drop".split("")), ...messageEnd("end_turn")]) {
        await Bun.sleep(40)
        send(event)
      }
    }),
  )
  const { events, error } = await collect(modelAt(double.url, { idleMs: 150 }).stream(request(), never))
  expect(error).toBeNull()
  expect(textOf(events)).toBe("drip drop")
})

test("whoever reads slowly is not taken for a silent provider", async () => {
  await using double = startDouble(() => whole(...textBlock(0, "one ", "two"), ...messageEnd("end_turn")))
  let text = ""
  for await (const event of modelAt(double.url, { idleMs: 60 }).stream(request(), never)) {
    if (event.type !== "text") continue
    text += event.text
    await Bun.sleep(40)
  }
  expect(text).toBe("one two")
})

/** A server on a bare socket, to end a body where no HTTP server would. */
function startCutting(bytes: Uint8Array) {
  const open = new Set<{ end(): void }>()
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket) => {
        open.add(socket)
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        socket.write(`${bytes.length.toString(16)}\r\n`)
        socket.write(bytes)
        socket.write("\r\n")
      },
    },
  })
  const cut = () => {
    for (const socket of open) socket.end()
  }
  return { url: `http://127.0.0.1:${server.port}`, cut, [Symbol.dispose]: () => server.stop(true) }
}

test("a connection cut in the middle of a character keeps the text before it", async () => {
  const events = [messageStart, ...textBlock(0, "before ", "Köln").slice(0, 3)]
  const bytes = new TextEncoder().encode(events.map(frame).join(""))
  using server = startCutting(bytes.slice(0, bytes.indexOf(0xc3) + 1))
  let text = ""
  const reading = (async () => {
    for await (const event of modelAt(server.url).stream(request(), never)) {
      if (event.type === "text") text += event.text
      server.cut()
    }
  })()
  const error: unknown = await reading.catch((reason: unknown) => reason)
  expect(text).toBe("before ")
  expect(error).toMatchObject({ kind: "provider_cut", retryable: true })
})

test("a connection cut before the first word is tried again", async () => {
  await using double = startDouble(() => whole())
  const { events, error } = await collect(modelAt(double.url).stream(request(), never))
  expect(kinds(events)).toEqual(["waiting", "waiting"])
  expect(error).toMatchObject({ kind: "provider_cut", retryable: true })
  expect(double.bodies).toHaveLength(3)
})

test("an address where nobody listens is a cut connection", async () => {
  const gone = startDouble(good)
  await gone[Symbol.asyncDispose]()
  const { error } = await collect(modelAt(gone.url).stream(request(), never))
  expect(error).toMatchObject({ kind: "provider_cut" })
})

test("an answer without its very last event is whole", async () => {
  await using double = startDouble(() => whole(...textBlock(0, "fine"), ...messageEnd("end_turn").slice(0, 1)))
  const { events, error } = await collect(modelAt(double.url).stream(request(), never))
  expect(error).toBeNull()
  expect(events.at(-1)).toEqual({ type: "stop", reason: "end" })
})

test("stopping ends the request upstream at once and throws the reason", async () => {
  const gone = Promise.withResolvers<number>()
  await using double = startDouble((_count, incoming) => {
    incoming.signal.addEventListener("abort", () => gone.resolve(performance.now()))
    return sse(
      (send) => {
        for (const event of [messageStart, ...textBlock(0, "half").slice(0, 2)]) send(event)
      },
      { open: true },
    )
  })
  const stop = new AbortController()
  const reason = new Error("stopped by the person")
  let stopped = 0
  const reading = (async () => {
    for await (const event of modelAt(double.url).stream(request(), stop.signal)) {
      if (event.type !== "text") continue
      stopped = performance.now()
      stop.abort(reason)
    }
  })()
  expect(await reading.catch((error: unknown) => error)).toBe(reason)
  expect(performance.now() - stopped).toBeLessThan(300)
  expect((await gone.promise) - stopped).toBeLessThan(300)
})

test("leaving the loop ends the request upstream too", async () => {
  const gone = Promise.withResolvers<void>()
  await using double = startDouble((_count, incoming) => {
    incoming.signal.addEventListener("abort", () => gone.resolve())
    return sse(
      (send) => {
        for (const event of [messageStart, ...textBlock(0, "half").slice(0, 2)]) send(event)
      },
      { open: true },
    )
  })
  for await (const event of modelAt(double.url).stream(request(), never)) if (event.type === "text") break
  await gone.promise
})

test("stopping ends a wait", async () => {
  await using double = startDouble(() => failure(429, "rate_limit_error", "Slow down", { "retry-after": "50" }))
  const stop = new AbortController()
  const reason = new Error("stopped")
  const reading = (async () => {
    for await (const event of modelAt(double.url).stream(request(), stop.signal)) {
      if (event.type === "waiting") setTimeout(() => stop.abort(reason), 10)
    }
  })()
  expect(await reading.catch((error: unknown) => error)).toBe(reason)
  expect(double.bodies).toHaveLength(1)
})
