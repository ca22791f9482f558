import { describe, expect, test } from "bun:test"
import type { ChatHistory } from "../../shared/chat.ts"
import type { ProjectEvent } from "../../shared/events.ts"
import type { Message } from "../../shared/message.ts"
import { ProjectStream, type StreamSource, type WatchHandlers } from "./stream-store.ts"

const at = "2026-01-01T00:00:00.000Z"
const answer: Message = {
  id: "a",
  role: "assistant",
  content: "",
  parts: [],
  codeBlocks: [],
  runId: "r",
  versionSha: null,
  tokensUsed: 0,
  createdAt: at,
}
const delta = (seq: number, text: string): ProjectEvent => ({ type: "message.delta", messageId: "a", text, seq, at })

/** A server in memory: what it would answer, and a hand on its stream. */
function fakeServer(history: Partial<ChatHistory> = {}) {
  const watches: { seq: number; on: WatchHandlers; ended: boolean }[] = []
  let loads = 0
  const page: ChatHistory = { messages: [answer], runs: [], seq: 0, nextCursor: null, ...history }
  const source: StreamSource = {
    load: () => {
      loads++
      return Promise.resolve({ history: page, rest: {} })
    },
    older: () =>
      Promise.resolve({ messages: [{ ...answer, id: "older" }, answer], runs: [], seq: 0, nextCursor: null }),
    watch: (seq, on) => {
      const watch = { seq, on, ended: false }
      watches.push(watch)
      return () => {
        watch.ended = true
      }
    },
  }
  return { source, watches, page, loads: () => loads }
}

/** Frames that a test paints itself. */
function frames() {
  const waiting = new Set<() => void>()
  return {
    nextFrame: (work: () => void) => {
      waiting.add(work)
      return () => waiting.delete(work)
    },
    paint: () => {
      const works = [...waiting]
      waiting.clear()
      for (const work of works) work()
    },
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}
const textOf = (stream: ProjectStream): string => stream.getState().messages.at(-1)?.content ?? ""

describe("a project's stream", () => {
  test("tells its listeners once per frame however many tokens arrive", async () => {
    const server = fakeServer()
    const { nextFrame, paint } = frames()
    const stream = new ProjectStream(server.source, { nextFrame })
    stream.start()
    await settled()
    let told = 0
    stream.subscribe(() => told++)
    for (let seq = 1; seq <= 200; seq++) server.watches[0]?.on.event(delta(seq, "x"))
    expect(told).toBe(0)
    paint()
    expect(told).toBe(1)
    expect(textOf(stream)).toBe("x".repeat(200))
  })

  test("watches from the snapshot and drops what it has seen", async () => {
    const server = fakeServer({ seq: 5, messages: [{ ...answer, content: "12345" }] })
    const { nextFrame, paint } = frames()
    const stream = new ProjectStream(server.source, { nextFrame })
    stream.start()
    await settled()
    expect(server.watches[0]?.seq).toBe(5)
    for (const seq of [4, 5, 6, 6, 7]) server.watches[0]?.on.event(delta(seq, String(seq)))
    paint()
    expect(textOf(stream)).toBe("1234567")
  })

  test("goes on from where it was after a stop, and loses nothing that had arrived", async () => {
    const server = fakeServer()
    const stream = new ProjectStream(server.source, frames())
    const stop = stream.start()
    await settled()
    server.watches[0]?.on.event(delta(1, "one "))
    stop()
    expect(server.watches[0]?.ended).toBe(true)
    expect(textOf(stream)).toBe("one ")
    stream.start()
    expect(server.loads()).toBe(1)
    expect(server.watches[1]?.seq).toBe(1)
  })

  test("a woken laptop opens a new watch and ignores the dead one", async () => {
    const server = fakeServer()
    const { nextFrame, paint } = frames()
    const stream = new ProjectStream(server.source, { nextFrame })
    stream.start()
    await settled()
    stream.wake()
    expect(server.watches[0]?.ended).toBe(true)
    server.watches[0]?.on.event(delta(1, "ghost"))
    server.watches[1]?.on.event(delta(1, "real"))
    paint()
    expect(textOf(stream)).toBe("real")
  })

  test("loads the history again when the log no longer reaches back", async () => {
    const server = fakeServer()
    const { nextFrame, paint } = frames()
    const stream = new ProjectStream(server.source, { nextFrame })
    stream.start()
    await settled()
    server.page.seq = 90
    server.page.messages = [{ ...answer, content: "all of it" }]
    server.watches[0]?.on.event({ type: "stream.reset", seq: 90, at })
    paint()
    await settled()
    expect(server.loads()).toBe(2)
    expect(textOf(stream)).toBe("all of it")
    expect(stream.getState().stale).toBe(false)
    expect(server.watches.at(-1)?.seq).toBe(90)
  })

  test("puts earlier messages before the known ones, once", async () => {
    const server = fakeServer({ nextCursor: "c" })
    const stream = new ProjectStream(server.source, frames())
    stream.start()
    await settled()
    await stream.loadOlder()
    expect(stream.getState().messages.map((message) => message.id)).toEqual(["older", "a"])
    expect(stream.getState().olderCursor).toBeNull()
  })

  test("a project that is gone says so", async () => {
    const server = fakeServer()
    const stream = new ProjectStream(server.source, frames())
    stream.start()
    await settled()
    server.watches[0]?.on.failed("gone")
    expect(stream.getState()).toMatchObject({ phase: "failed", error: "gone" })
  })

  test("is quiet about a short cut and speaks of a long one", async () => {
    const server = fakeServer()
    const stream = new ProjectStream(server.source, { ...frames(), quietMs: 5 })
    stream.start()
    await settled()
    server.watches[0]?.on.connected(false)
    server.watches[0]?.on.connected(true)
    const said = new Promise<boolean>((resolve) => stream.subscribe(() => resolve(stream.getState().reconnecting)))
    server.watches[0]?.on.connected(false)
    expect(stream.getState().reconnecting).toBe(false)
    expect(await said).toBe(true)
    server.watches[0]?.on.connected(true)
    expect(stream.getState().reconnecting).toBe(false)
  })
})
