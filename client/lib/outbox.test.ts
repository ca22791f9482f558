import { Window } from "happy-dom"
import { beforeEach, describe, expect, test } from "bun:test"
import { errors } from "../../shared/errors.ts"
import { leaveMessage, Outbox } from "./outbox.ts"

Object.assign(globalThis, { localStorage: new Window().localStorage })

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
const refusal = (): Error =>
  Object.assign(new Error("no"), {
    data: { ...errors.bad_input, kind: "bad_input", detail: "Too long." },
  })

/** A server that can be away, and counts what reaches it. */
function fakeServer() {
  const state = { away: false, refuse: false, sent: [] as { messageId: string; content: string }[] }
  const send = (message: { messageId: string; content: string }): Promise<unknown> => {
    if (state.away) return Promise.reject(new TypeError("Failed to fetch"))
    if (state.refuse) return Promise.reject(refusal())
    state.sent.push(message)
    return Promise.resolve({})
  }
  return { state, send }
}

beforeEach(() => localStorage.clear())

describe("the outbox", () => {
  test("sends at once and keeps the message until the stream shows it", async () => {
    const { state, send } = fakeServer()
    const outbox = new Outbox("p", send)
    outbox.add("hello")
    expect(outbox.getItems()).toMatchObject([{ content: "hello", state: "sending" }])
    await settled()
    expect(state.sent).toHaveLength(1)
    outbox.arrived(new Set([state.sent[0]?.messageId ?? ""]))
    expect(outbox.getItems()).toEqual([])
    expect(localStorage.length).toBe(0)
  })

  test("what could not be sent waits, and goes once, in order, with the same ids", async () => {
    const { state, send } = fakeServer()
    state.away = true
    const outbox = new Outbox("p", send, 60_000)
    outbox.add("one")
    outbox.add("two")
    await settled()
    expect(outbox.getItems()[0]).toMatchObject({ content: "one", state: "waiting" })
    const ids = outbox.getItems().map((item) => item.messageId)
    state.away = false
    await outbox.flush()
    await outbox.flush()
    expect(state.sent.map((message) => message.content)).toEqual(["one", "two"])
    expect(state.sent.map((message) => message.messageId)).toEqual(ids)
  })

  test("survives closing the page: the next one sends the same message", async () => {
    const { state, send } = fakeServer()
    state.away = true
    const before = new Outbox("p", send, 60_000)
    before.add("typed in a tunnel")
    await settled()
    state.away = false
    const after = new Outbox("p", send)
    await after.flush()
    expect(state.sent).toEqual([{ messageId: before.getItems()[0]?.messageId ?? "", content: "typed in a tunnel" }])
  })

  test("a refused message says why, blocks nothing, and can be taken back", async () => {
    const { state, send } = fakeServer()
    state.refuse = true
    const outbox = new Outbox("p", send)
    outbox.add("too long")
    await settled()
    expect(outbox.getItems()[0]).toMatchObject({ state: "refused", reason: "Too long." })
    state.refuse = false
    outbox.add("short")
    await settled()
    expect(state.sent.map((message) => message.content)).toEqual(["short"])
    const refused = outbox.getItems()[0]
    expect(outbox.take(refused?.messageId ?? "")?.content).toBe("too long")
  })

  test("the first wish is left for the project's page", async () => {
    const { state, send } = fakeServer()
    leaveMessage("new", "build me a quiz")
    await new Outbox("new", send).flush()
    expect(state.sent).toMatchObject([{ content: "build me a quiz" }])
    expect(new Outbox("other", send).getItems()).toEqual([])
  })
})
