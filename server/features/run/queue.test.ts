import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { call, calls, say, stop as ends, words } from "../../testing/scripted-model.ts"
import { type RunBench, runBench } from "../../testing/run-bench.ts"
import { history } from "../chat/history.ts"
import { retry } from "../chat/retry.ts"
import { send } from "../chat/send.ts"
import { stop } from "../chat/stop.ts"
import { assertNoRun } from "./assert-idle.ts"

let bench: RunBench
/** Answers wait here until they are let go, by the wish. */
let gates: Map<string, PromiseWithResolvers<void>>
const gate = (wish: string) => {
  const known = gates.get(wish) ?? Promise.withResolvers<void>()
  gates.set(wish, known)
  return known
}
const wishOf = (request: { turns: { role: string; blocks: { type: string; text?: string }[] }[] }) =>
  request.turns.findLast((turn) => turn.role === "user")?.blocks.at(-1)?.text ?? ""

beforeEach(async () => {
  gates = new Map()
  bench = await runBench(
    (request) => {
      const wish = wishOf(request)
      return [...words(`Working on ${wish}`), gate(wish).promise, ...say(", done.")]
    },
    { MAX_CONCURRENT_CHATS: "2" },
  )
})
afterEach(() => bench.close())

const started = (projectId: string, runId: string) =>
  bench.event(projectId, (event) => event.type === "run.started" && event.runId === runId)
const finished = (projectId: string, runId: string) =>
  bench.event(projectId, (event) => event.type === "run.finished" && event.runId === runId)
const spoken = (projectId: string, text: string) =>
  bench.event(projectId, (event) => event.type === "message.delta" && event.text.includes(text))

describe("the line", () => {
  test("one run of a project at a time, in the order of sending", async () => {
    const { id: projectId } = await bench.project("Line")
    const first = await send(bench.ctx, { projectId, content: "first" })
    const second = await send(bench.ctx, { projectId, content: "second" })
    const third = await send(bench.ctx, { projectId, content: "third" })
    expect([first.queued, second.queued, third.queued]).toEqual([false, true, true])
    await spoken(projectId, "Working on first")
    expect(await assertNoRun(bench.ctx.db, projectId).catch((error: unknown) => error)).toMatchObject({
      kind: "run_active",
    })
    expect((await bench.state(projectId)).runs.map((run) => run.state)).toEqual(["running", "queued", "queued"])
    for (const wish of ["third", "second", "first"]) gate(wish).resolve()
    await finished(projectId, third.runId)
    const order = (await bench.events(projectId)).filter(
      ({ type }) => type === "run.started" || type === "run.finished",
    )
    expect(order.map((event) => [event.type, "runId" in event && event.runId])).toEqual(
      [first, second, third].flatMap(({ runId }) => [
        ["run.started", runId],
        ["run.finished", runId],
      ]),
    )
    await assertNoRun(bench.ctx.db, projectId)
  })

  test("no more than MAX_CONCURRENT_CHATS at once; the others wait and then go on", async () => {
    const projects = await Promise.all(["A", "B", "C", "D", "E"].map((title) => bench.project(title)))
    const sent: Awaited<ReturnType<typeof send>>[] = []
    for (const [n, { id }] of projects.entries()) {
      sent.push(await send(bench.ctx, { projectId: id, content: `wish ${n}` }))
      if (n < 2) await spoken(id, `wish ${n}`)
    }
    expect(sent.map(({ queued }) => queued)).toEqual([false, false, true, true, true])
    const running = async () => {
      const states = await Promise.all(projects.map(({ id }) => bench.state(id)))
      return states.filter((state) => state.runs.some((run) => run.state === "running")).length
    }
    expect(await running()).toBe(2)
    for (let n = 0; n < 5; n++) gate(`wish ${n}`).resolve()
    for (const [n, { id }] of projects.entries()) await finished(id, sent[n]?.runId ?? "")
    expect(bench.model.requests).toHaveLength(5)
  })

  test("a message in line can be stopped: it stays, its run does not begin", async () => {
    const { id: projectId } = await bench.project("Stop in line")
    const first = await send(bench.ctx, { projectId, content: "first" })
    const second = await send(bench.ctx, { projectId, content: "second" })
    await started(projectId, first.runId)
    await stop(bench.ctx, { projectId, runId: second.runId })
    gate("first").resolve()
    await finished(projectId, first.runId)
    const { messages, runs } = await history(bench.ctx, { projectId, limit: 100 })
    expect(messages.map(({ content }) => content).sort()).toEqual(["Working on first, done.", "first", "second"])
    expect(runs).toMatchObject([{ runId: second.runId, state: "finished", outcome: "stopped", answerId: null }])
    expect(bench.model.requests).toHaveLength(1)
  })
})

describe("stop", () => {
  test("reaches the model at once and keeps what was said", async () => {
    const { id: projectId } = await bench.project("Stop")
    const { runId } = await send(bench.ctx, { projectId, content: "endless" })
    await spoken(projectId, "Working on endless")
    const asked = performance.now()
    await stop(bench.ctx, { projectId, runId })
    expect(bench.model.aborts).toHaveLength(1)
    expect(performance.now() - asked).toBeLessThan(500)
    expect(await finished(projectId, runId)).toMatchObject({ outcome: "stopped", recoverable: false })
    const state = await bench.state(projectId)
    expect(state.messages.at(-1)).toMatchObject({ role: "assistant", content: "Working on endless" })
    // Twice, or after the end, is no error.
    await stop(bench.ctx, { projectId, runId })
    expect((await bench.events(projectId)).filter(({ type }) => type === "run.finished")).toHaveLength(1)
  })

  test("through another process", async () => {
    const { id: projectId } = await bench.project("Elsewhere")
    const worker = await bench.process()
    await worker.runs.start()
    const { runId } = await send(worker, { projectId, content: "elsewhere" })
    await spoken(projectId, "Working on elsewhere")
    await stop(bench.ctx, { projectId, runId })
    expect(await finished(projectId, runId)).toMatchObject({ outcome: "stopped" })
  })

  test("edits of a stopped run are kept aside and the workspace is as before", async () => {
    const { id: projectId, root } = await bench.project("Edits")
    const hold = Promise.withResolvers<void>()
    bench.model.script = (_, index) =>
      index === 0 ? calls(call("write_file", { path: "half.txt", content: "half" })) : [hold.promise, ...ends("end")]
    const { runId } = await send(bench.ctx, { projectId, content: "edits" })
    await bench.event(projectId, (event) => event.type === "tool.finished")
    expect(await Bun.file(`${root}/half.txt`).text()).toBe("half")
    await stop(bench.ctx, { projectId, runId })
    expect(await finished(projectId, runId)).toMatchObject({ outcome: "stopped", recoverable: true })
    expect(await Bun.file(`${root}/half.txt`).exists()).toBe(false)
    expect((await bench.events(projectId)).some(({ type }) => type === "version.created")).toBe(false)

    // "Continue" has them again.
    bench.model.script = (request) => {
      expect(request.system.join("\n")).toContain("half.txt")
      return say("Went on.")
    }
    const again = await retry(bench.ctx, { projectId, runId })
    expect(await finished(projectId, again.runId)).toMatchObject({ outcome: "completed" })
    expect(await Bun.file(`${root}/half.txt`).text()).toBe("half")
    expect((await bench.state(projectId)).versions).toHaveLength(1)
  })

  test("of a whole project waits until its runs are gone", async () => {
    const { id: projectId } = await bench.project("Removed")
    await send(bench.ctx, { projectId, content: "one" })
    await send(bench.ctx, { projectId, content: "two" })
    await spoken(projectId, "Working on one")
    await bench.ctx.runs.stopProject(projectId)
    const ended = (await bench.events(projectId)).filter(({ type }) => type === "run.finished")
    expect(ended).toMatchObject([{ outcome: "stopped" }, { outcome: "stopped" }])
    await assertNoRun(bench.ctx.db, projectId)
  })
})

test("drain ends runs as interrupted with what was said, quickly; nothing begins any more", async () => {
  const { id: projectId } = await bench.project("Drain")
  const { runId } = await send(bench.ctx, { projectId, content: "long" })
  await spoken(projectId, "Working on long")
  const next = await send(bench.ctx, { projectId, content: "next" })
  const begin = performance.now()
  await bench.ctx.runs.drain()
  expect(performance.now() - begin).toBeLessThan(3_000)
  expect(await finished(projectId, runId)).toMatchObject({ outcome: "interrupted" })
  const state = await bench.state(projectId)
  expect(state.messages.find((message) => message.role === "assistant")?.content).toBe("Working on long")
  expect(state.runs.find((run) => run.runId === next.runId)?.state).toBe("queued")
  // The next server goes on with the line.
  gate("next").resolve()
  const later = await bench.process()
  await later.runs.start()
  expect(await finished(projectId, next.runId)).toMatchObject({ outcome: "completed" })
})
