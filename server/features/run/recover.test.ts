import { afterEach, beforeEach, expect, test } from "bun:test"
import { eq, sql } from "drizzle-orm"
import { runs } from "../../../drizzle/schema/run.ts"
import { call, calls, say, words } from "../../testing/scripted-model.ts"
import { type RunBench, runBench } from "../../testing/run-bench.ts"
import { send } from "../chat/send.ts"
import { history } from "../chat/history.ts"
import { authorizeProject } from "../project/access.ts"
import { commitWorkspace } from "../version/commit.ts"
import { recoverRuns } from "./recover.ts"

let bench: RunBench
const never = new Promise<never>(() => {})

beforeEach(async () => {
  bench = await runBench((_, index) =>
    index === 0
      ? [...words("I am ", "making "), ...calls(call("write_file", { path: "a.txt", content: "one\ntwo\n" }))]
      : [...words("Now the "), ...words("rest \u{1f600} "), never],
  )
})
afterEach(() => bench.close())

/** A run whose process is as good as dead: it hangs in its second step. */
async function hangingRun() {
  const { id: projectId, root } = await bench.project("Crash")
  const { runId } = await send(bench.ctx, { projectId, content: "make it" })
  await bench.event(projectId, (event) => event.type === "message.delta" && event.text.includes("rest"))
  return { projectId, runId, root }
}

test("after a crash the text is what was streamed, the run is interrupted, its edits are kept, the line goes on", async () => {
  const { projectId, runId, root } = await hangingRun()
  const before = await history(bench.ctx, { projectId, limit: 100 })
  const next = await send(bench.ctx, { projectId, content: "next" })
  bench.model.script = () => say("Next is done.")
  const later = await bench.process()
  await later.runs.start()

  expect(await bench.event(projectId, (event) => event.type === "run.finished" && event.runId === runId)).toMatchObject(
    {
      outcome: "interrupted",
      recoverable: true,
    },
  )
  await bench.event(projectId, (event) => event.type === "run.finished" && event.runId === next.runId)
  const after = await history(bench.ctx, { projectId, limit: 100 })
  const answer = after.messages.find((message) => message.runId === runId && message.role === "assistant")
  expect(answer?.content).toBe("I am making \n\nNow the rest \u{1f600} ".replace(" \n\n", " \n\n"))
  expect(answer?.content).toBe(before.messages.find((message) => message.role === "assistant")?.content ?? "")
  const deltas = (await bench.events(projectId)).filter((event) => event.type === "message.delta")
  expect(answer?.content).toBe(
    deltas
      .filter((event) => event.messageId === answer?.id)
      .map((event) => event.text)
      .join(""),
  )
  expect(answer?.parts).toContainEqual(
    expect.objectContaining({ type: "tool", tool: "write_file", state: "ok", added: 2 }),
  )
  expect(await Bun.file(`${root}/a.txt`).exists()).toBe(false)
})

test("whoever lost a run can write nothing more", async () => {
  const { projectId, runId } = await hangingRun()
  const release = Promise.withResolvers<void>()
  const later = await bench.process()
  await later.runs.start()
  await bench.event(projectId, (event) => event.type === "run.finished")
  const count = (await bench.events(projectId)).length
  // The first process wakes up again, and is told to stop; both would write.
  await bench.ctx.runs.stop(projectId, runId)
  await bench.ctx.runs.drain()
  release.resolve()
  expect((await bench.events(projectId)).length).toBe(count)
  expect((await history(bench.ctx, { projectId, limit: 100 })).runs).toMatchObject([{ runId, outcome: "interrupted" }])
})

test("where others may be at work only runs without a lease are ended, and only once", async () => {
  const { runId } = await hangingRun()
  const other = await bench.process({ databaseUrl: "postgres://elsewhere/db" })
  expect(await recoverRuns(other, { holder: "b", which: "expired" })).toBe(0)
  await bench.ctx.db
    .update(runs)
    .set({ leaseUntil: sql`now() - interval '1 second'` })
    .where(eq(runs.id, runId))
  const counts = await Promise.all(["b", "c", "d"].map((holder) => recoverRuns(other, { holder, which: "expired" })))
  expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 1])
})

test("a run that lost its lease ends without a word", async () => {
  const { projectId, runId } = await hangingRun()
  await bench.ctx.runs.start().catch(() => undefined)
  const own = await bench.process()
  await own.runs.start()
  await bench.event(projectId, (event) => event.type === "run.finished" && event.runId === runId)
  expect((await bench.events(projectId)).filter(({ type }) => type === "run.finished")).toHaveLength(1)
})

test("a crash between commit and end: the run did complete, with its version, once", async () => {
  const { projectId, runId } = await hangingRun()
  const project = await authorizeProject(bench.ctx, projectId)
  const author = { name: "Mia", email: "mia@example.com" }
  const commit = await commitWorkspace(bench.ctx, project, { runId, title: "make it", author })
  expect(commit).not.toBeNull()
  const later = await bench.process()
  await later.runs.start()
  const state = await bench.state(projectId)
  expect(state.runs).toEqual([])
  expect(state.versions).toMatchObject([{ sha: commit?.sha, number: 1, runId }])
  expect(state.messages.at(-1)).toMatchObject({ role: "assistant", versionSha: commit?.sha })
  expect(await later.repository.head(projectId)).toBe(commit?.sha ?? "")
})
