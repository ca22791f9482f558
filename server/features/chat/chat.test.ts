import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { eq } from "drizzle-orm"
import { user } from "../../../drizzle/schema/account.ts"
import { messages } from "../../../drizzle/schema/message.ts"
import type { ChatHistory } from "../../../shared/chat.ts"
import { emptyState, reduce } from "../../../shared/reduce.ts"
import type { Ctx } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { ModelError } from "../../ports/model/port.ts"
import { type RunBench, runBench } from "../../testing/run-bench.ts"
import { call, calls, say, words } from "../../testing/scripted-model.ts"
import { edit } from "./edit.ts"
import { history } from "./history.ts"
import { retry } from "./retry.ts"
import { send } from "./send.ts"
import { stop } from "./stop.ts"
import { unqueue } from "./unqueue.ts"

let bench: RunBench
let ctx: Ctx
beforeEach(async () => {
  bench = await runBench(() => say("Hello."))
  ctx = bench.ctx
})
afterEach(() => bench.close())

const finished = (projectId: string, runId: string) =>
  bench.event(projectId, (event) => event.type === "run.finished" && event.runId === runId)
const all = (projectId: string) => history(ctx, { projectId, limit: 500 })
const kindOf = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: { kind?: string }) => error.kind ?? "unknown",
  )

/** What a client knows at a point of the log. */
async function stateAt(projectId: string, seq: number): Promise<Pick<ChatHistory, "messages" | "runs">> {
  const events = (await bench.events(projectId)).filter((event) => event.seq <= seq)
  const { messages, runs } = events.reduce(reduce, emptyState)
  return { messages: [...messages], runs: [...runs] }
}

/** Holds the model until let go. */
function held() {
  const gate = Promise.withResolvers<void>()
  bench.model.script = () => [...words("On it"), gate.promise, ...say(".")]
  return gate
}

describe("chat.send", () => {
  test("the same message id is one message and one answer, also at once", async () => {
    const gate = held()
    const { id: projectId } = await bench.project("Once")
    const input = { projectId, messageId: newId(), content: "make it" }
    const [first, second, third] = await Promise.all([
      send(ctx, input),
      send(ctx, input),
      send(ctx, { ...input, content: "other words" }),
    ])
    expect([second, third]).toEqual([first, first])
    gate.resolve()
    await finished(projectId, first.runId)
    expect(await send(ctx, input)).toEqual(first)
    expect((await all(projectId)).messages.map(({ content }) => content)).toEqual([expect.any(String), "On it."])
    expect(bench.model.requests).toHaveLength(1)
  })

  test("an id that is somebody else's, or no person's message, is a conflict", async () => {
    const mine = await bench.project("Mine")
    const other = await bench.project("Other")
    const messageId = newId()
    const { runId } = await send(ctx, { projectId: mine.id, messageId, content: "mine" })
    await finished(mine.id, runId)
    expect(await kindOf(send(ctx, { projectId: other.id, messageId, content: "theirs" }))).toBe("conflict")
    const answer = (await all(mine.id)).messages.at(-1)
    expect(await kindOf(send(ctx, { projectId: mine.id, messageId: answer?.id ?? "", content: "x" }))).toBe("conflict")
  })

  test("refuses what is empty, too long, for a model that is not offered, by nobody, or in another's project", async () => {
    const { id: projectId } = await bench.project("Refused")
    expect(await kindOf(send(ctx, { projectId, content: " \n " }))).toBe("bad_input")
    expect(await kindOf(send(ctx, { projectId, content: "x".repeat(32_001) }))).toBe("too_large")
    expect(await kindOf(send(ctx, { projectId, content: "x", model: "gpt-9" }))).toBe("bad_input")
    expect(await kindOf(send({ ...ctx, actor: { type: "system" } }, { projectId, content: "x" }))).toBe("forbidden")
    const stranger = newId()
    await ctx.db.insert(user).values({ id: stranger, name: "Ben", email: "ben@example.com" })
    const ben: Ctx = { ...ctx, actor: { type: "user", userId: stranger, role: "admin", sessionId: newId() } }
    const runId = newId()
    for (const refused of [
      () => send(ben, { projectId, content: "x" }),
      () => history(ben, { projectId, limit: 10 }),
      () => stop(ben, { projectId, runId }),
      () => retry(ben, { projectId, runId }),
      () => edit(ben, { projectId, messageId: runId, content: "x" }),
      () => unqueue(ben, { projectId, messageId: runId }),
    ]) {
      expect(await kindOf(refused())).toBe("not_found")
    }
    expect((await all(projectId)).messages).toEqual([])
  })

  test("takes another model that is offered, and text that the database cannot hold", async () => {
    const { id: projectId } = await bench.project("Model")
    const { runId } = await send(ctx, { projectId, content: "a\0b \ud800", model: "other" })
    await finished(projectId, runId)
    expect(bench.model.requests[0]?.model).toBe("other")
    expect((await all(projectId)).messages[0]?.content).toBe("a\ufffdb \ufffd")
  })
})

describe("chat.history", () => {
  test("is what the events make of it, at every moment of a run", async () => {
    const { id: projectId } = await bench.project("Snapshots")
    bench.model.script = (_, index) => {
      const step = () => Bun.sleep(4)
      const text = ["Some ", "words ", "\u{1f600} ", "and\n", "```python\nx = 1\n```\n"].flatMap((piece) => [
        ...words(piece),
        step(),
      ])
      if (index % 3 === 2) return [...text, ...say("end")]
      return [
        ...text,
        ...calls(
          call("write_file", { path: `f${index}.txt`, content: "a\nb\n".repeat(50) }),
          call("write_file", { path: "../no", content: "" }),
        ),
      ]
    }
    const first = await send(ctx, { projectId, content: "first" })
    const second = await send(ctx, { projectId, content: "second" })
    const third = await send(ctx, { projectId, content: "third" })
    const snapshots: ChatHistory[] = []
    const run = { over: false }
    const end = finished(projectId, second.runId).finally(() => (run.over = true))
    while (!run.over) {
      snapshots.push(await all(projectId))
      if (snapshots.length === 5) await stop(ctx, { projectId, runId: third.runId })
      await Bun.sleep(2)
    }
    await end
    snapshots.push(await all(projectId))
    expect(new Set(snapshots.map(({ seq }) => seq)).size).toBeGreaterThan(10)
    for (const { messages, runs, seq } of snapshots) expect({ messages, runs }).toEqual(await stateAt(projectId, seq))
    const last = snapshots.at(-1)
    expect(
      last?.messages.find(({ runId, role }) => runId === first.runId && role === "assistant")?.codeBlocks,
    ).toHaveLength(3)
    expect(last?.messages.find(({ role }) => role === "assistant")?.codeBlocks[0]).toMatchObject({
      language: "python",
      code: "x = 1",
    })
  })

  test("comes in pages, newest first, whole and without doubles", async () => {
    const { id: projectId } = await bench.project("Pages")
    for (let n = 0; n < 7; n++) {
      const { runId } = await send(ctx, { projectId, content: `wish ${n}` })
      await finished(projectId, runId)
    }
    const pages: ChatHistory[] = []
    for (let before: string | undefined; ; before = pages.at(-1)?.nextCursor ?? undefined) {
      pages.push(await history(ctx, { projectId, before, limit: 4 }))
      if (pages.at(-1)?.nextCursor === null) break
    }
    expect(pages.map((page) => page.messages.length)).toEqual([4, 4, 4, 2])
    expect(pages.toReversed().flatMap((page) => page.messages)).toEqual((await all(projectId)).messages)
    expect(await kindOf(history(ctx, { projectId, before: "1 or 1=1", limit: 4 }))).toBe("bad_input")
  })

  test("names runs that ended badly, and no others", async () => {
    const { id: projectId } = await bench.project("Failed")
    bench.model.script = () => [...words("Half"), new ModelError("provider_cut", "socket", false)]
    const { runId, messageId } = await send(ctx, { projectId, content: "make it" })
    await finished(projectId, runId)
    expect((await all(projectId)).runs).toMatchObject([
      { runId, messageId, state: "finished", outcome: "failed", error: { kind: "provider_cut", detail: "socket" } },
    ])
  })
})

describe("chat.retry", () => {
  test("is a new run for the same wish that knows what was said; what was said stays", async () => {
    const { id: projectId } = await bench.project("Again")
    bench.model.script = () => [...words("Half of it"), new ModelError("provider_cut", "cut", false)]
    const { runId, messageId } = await send(ctx, { projectId, content: "make it" })
    await finished(projectId, runId)
    bench.model.script = () => say("The other half.")
    const [again, twice] = await Promise.all([retry(ctx, { projectId, runId }), retry(ctx, { projectId, runId })])
    expect(twice).toEqual(again)
    await finished(projectId, again.runId)
    expect(bench.model.requests.at(-1)?.turns.map(({ role }) => role)).toEqual(["user", "assistant", "user"])
    expect(JSON.stringify(bench.model.requests.at(-1)?.turns)).toContain("Half of it")
    const now = await all(projectId)
    expect(now.messages.map(({ content }) => content)).toEqual(["make it", "Half of it", "The other half."])
    expect(now.messages[0]).toMatchObject({ id: messageId, runId: again.runId })
    expect(now).toMatchObject(await stateAt(projectId, now.seq))
    expect(await kindOf(retry(ctx, { projectId, runId: newId() }))).toBe("not_found")
  })
})

describe("chat.edit and chat.unqueue", () => {
  test("a message in line can be changed, and taken out", async () => {
    const gate = held()
    const { id: projectId } = await bench.project("Line")
    const first = await send(ctx, { projectId, content: "first" })
    const second = await send(ctx, { projectId, content: "secnod" })
    const third = await send(ctx, { projectId, content: "third" })
    await bench.event(projectId, (event) => event.type === "message.delta")
    expect(await edit(ctx, { projectId, messageId: second.messageId, content: "second" })).toEqual({
      ...second,
      queued: true,
    })
    await unqueue(ctx, { projectId, messageId: third.messageId })
    expect(await kindOf(unqueue(ctx, { projectId, messageId: third.messageId }))).toBe("not_found")
    expect(await kindOf(unqueue(ctx, { projectId, messageId: first.messageId }))).toBe("conflict")
    expect(await kindOf(edit(ctx, { projectId, messageId: first.messageId, content: "x" }))).toBe("run_active")
    gate.resolve()
    await finished(projectId, second.runId)
    const now = await all(projectId)
    expect(now.messages.flatMap(({ role, content }) => (role === "user" ? [content] : []))).toEqual(["first", "second"])
    expect(now).toMatchObject(await stateAt(projectId, now.seq))
    expect(bench.model.requests.map(({ turns }) => JSON.stringify(turns.at(-1)))).toEqual([
      expect.stringContaining("first"),
      expect.stringContaining("second"),
    ])
  })

  test("an answered message is sent anew; it and what followed leave the conversation, but not the database", async () => {
    const { id: projectId } = await bench.project("Branch")
    for (const content of ["one", "two", "three"]) {
      const { runId } = await send(ctx, { projectId, content })
      await finished(projectId, runId)
    }
    const two = (await all(projectId)).messages.find(({ content }) => content === "two")
    const sent = await edit(ctx, { projectId, messageId: two?.id ?? "", content: "zwei" })
    await finished(projectId, sent.runId)
    const now = await all(projectId)
    expect(now.messages.map(({ content }) => content)).toEqual(["one", "Hello.", "zwei", "Hello."])
    expect(now).toMatchObject(await stateAt(projectId, now.seq))
    expect(JSON.stringify(bench.model.requests.at(-1)?.turns)).not.toMatch(/two|three/)
    expect(await ctx.db.$count(messages, eq(messages.projectId, projectId))).toBe(8)
    expect(await kindOf(edit(ctx, { projectId, messageId: two?.id ?? "", content: "again" }))).toBe("not_found")
  })

  test("a try that waits can be taken back without losing the message", async () => {
    const { id: projectId } = await bench.project("Try")
    const { runId, messageId } = await send(ctx, { projectId, content: "one" })
    await finished(projectId, runId)
    held()
    await send(ctx, { projectId, content: "two" })
    const again = await retry(ctx, { projectId, runId })
    await unqueue(ctx, { projectId, messageId })
    expect((await all(projectId)).messages.some((message) => message.id === messageId)).toBe(true)
    expect(await finished(projectId, again.runId)).toMatchObject({ outcome: "stopped" })
  })
})
