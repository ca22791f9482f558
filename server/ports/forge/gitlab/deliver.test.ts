import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import type { Committed, Running } from "../../../testing/forge-rig.ts"
import type { GitLabDouble } from "../../../testing/gitlab/double.ts"
import { gitLabRig } from "../../../testing/gitlab/forge.ts"
import { call, Kit } from "../../../testing/gitlab/kit.ts"
import { until } from "../../../testing/until.ts"
import { left } from "../port.ts"
import type { FollowTiming } from "./follow-input.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
const open: AsyncDisposable[] = []
const started: GitLabDouble[] = []
afterEach(async () => {
  for (const gitlab of started) await gitlab.settled()
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
  await kit.close()
  expect(started.splice(0).flatMap(({ violations }) => violations)).toEqual([])
})

const file = { ".gitlab-ci.yml": "a: { script: ['true'] }\n" }
const mergeRequest = { title: "Add it", description: "" }

/** A project with a first green version. */
async function start(follow: Partial<FollowTiming> = {}) {
  const gitlab = await kit.gitlab({ pipelines: "scripted" })
  started.push(gitlab)
  const made = await gitLabRig(gitlab, { timing: { follow } })
  open.push(made)
  const { rig } = made
  const next = (id?: string): Promise<Committed> => rig.commit({ ...file, "n.txt": crypto.randomUUID() }, id)
  const project = await next()
  const pipelines = (sha: string) => gitlab.pipelines(made.remote(project.id).remoteId).filter((one) => one.sha === sha)
  const finish = async (running: Running) => {
    await until(() => pipelines(running.sha).length > 0)
    gitlab.script(made.remote(project.id).remoteId, pipelines(running.sha)[0]?.id).set("a", "success")
    return running.done
  }
  const first = rig.start(project)
  await until(() => made.links.links.has(project.id))
  expect((await finish(first)).status).toBe("success")
  const { remoteId } = made.remote(project.id)
  return { gitlab, ...made, id: project.id, remoteId, next, finish, pipelines }
}

const passed = {
  type: "finished",
  status: "canceled",
  error: "A newer version was delivered together with it, and its checks decide",
} as const

test("a version that a newer one brought along, or somebody's push, ends soon; theirs decide", async () => {
  const { gitlab, rig, id, remoteId, next, finish, pipelines } = await start({ passedMs: 100 })
  const [one, two] = [await next(id), await next(id)]
  const newest = rig.start(two)
  expect((await finish(newest)).status).toBe("success")
  const beganAt = performance.now()
  expect((await rig.run(one)).told.end).toMatchObject(passed)
  expect(performance.now() - beganAt).toBeLessThan(5_000)
  expect(pipelines(one.sha)).toEqual([])
  // Said again it is the same; the newer one is not touched by it.
  expect((await rig.run(one, { attempt: "again" })).told.end).toMatchObject(passed)
  expect(gitlab.pipelines(remoteId)[0]).toMatchObject({ sha: two.sha, status: "success" })
})

test("what the branch was pushed to has time to become a pipeline, also when others went on meanwhile", async () => {
  const { gitlab, rig, id, remoteId, next, finish } = await start({ passedMs: 1, pipelineMs: 1_500 })
  gitlab.settings.pipelineDelayMs = 500
  const one = rig.start(await next(id))
  await until(async () => (await gitlab.head(remoteId)) === one.sha)
  await gitlab.commit(remoteId, { "theirs.txt": "x" })
  expect((await finish(one)).status).toBe("success")
  gitlab.settings.pipelineDelayMs = 5
  // None at all: as long as it is the newest that is a fault, else not.
  const theirs = (await rig.forge.remote?.fetch(id, new AbortController().signal)) ?? ""
  await rig.repository.advance(id, { from: one.sha, to: theirs })
  const without = rig.start(await rig.commit({ "n.txt": "no checks" }, id))
  await until(async () => (await gitlab.head(remoteId)) === without.sha)
  await gitlab.commit(remoteId, { ...file, "more.txt": "x" })
  expect((await without.done).end).toMatchObject(passed)
})

test("while GitLab is away those in line say so, too, and go in their order", async () => {
  const { gitlab, rig, id, remoteId, next, finish } = await start()
  const [one, two, three] = [await next(id), await next(id), await next(id)]
  await gitlab.away()
  const running = [rig.start(one), rig.start(two)]
  await until(() => running.every(({ told }) => told.of("waiting").length > 0))
  // Who comes later hears it at once, and who leaves does not wait.
  running.push(rig.start(three))
  const extra = rig.start(three)
  await until(() => [...running, extra].every(({ told }) => told.of("waiting").length > 0))
  extra.stop()
  expect((await extra.done).status).toBe("canceled")
  for (const { told } of running) {
    expect(told.of("waiting")).toEqual([
      { type: "waiting", words: expect.stringContaining("GitLab cannot be reached") },
    ])
  }
  await gitlab.back()
  for (const each of running) expect((await finish(each)).status).toBe("success")
  for (const { told } of running) expect(told.of("waiting").at(-1)?.words).toBeNull()
  const pushed = gitlab.pipelines(remoteId).map(({ sha }) => sha)
  expect(pushed.slice(0, 3)).toEqual([three.sha, two.sha, one.sha])
})

test.each(["invalid", "conflict"] as const)("what GitLab calls %s fails at once, in words", async (kind) => {
  const gitlab = await kit.gitlab({ pipelines: "scripted" })
  started.push(gitlab)
  const made = await gitLabRig(gitlab)
  open.push(made)
  gitlab.trouble({ method: "POST", path: /\/projects$/, times: 1_000, trouble: { kind } })
  const { told } = await made.rig.run(await made.rig.commit(file))
  expect([told.status, told.error]).toEqual(["failed", expect.stringMatching(/GitLab/)])
  expect(gitlab.requests.filter(({ method }) => method === "POST")).toHaveLength(1)
  gitlab.calm()
})

test("a stop between the push and its merge request: the next server opens it, once", async () => {
  const { gitlab, rig, id, remoteId, next, finish, pipelines, ...made } = await start()
  const version = await next(id)
  const unanswered = { method: "POST", path: /merge_requests/, times: 1_000, trouble: { kind: "html", status: 503 } } as const // prettier-ignore
  gitlab.trouble(unanswered)
  const one = rig.start(version, { mergeRequest })
  await until(() => pipelines(version.sha).length === 1)
  one.stop(left)
  await one.done
  gitlab.calm()
  expect(gitlab.project(remoteId).mergeRequests).toEqual([])
  made.again()
  const two = rig.start(version, { mergeRequest, attempt: "resumed" })
  expect((await finish(two)).status).toBe("success")
  expect(gitlab.project(remoteId).mergeRequests).toMatchObject([{ state: "opened" }])
  expect(made.remote(id).mergeRequest).toMatchObject({ state: "opened" })
  expect(pipelines(version.sha)).toHaveLength(1)
})

test("a merge request that somebody closed stays closed, and the version has the pipeline that it had", async () => {
  const { gitlab, rig, id, remoteId, next, finish, pipelines, ...made } = await start()
  const [version, more] = [await next(id), await next(id)]
  expect((await finish(rig.start(version, { mergeRequest }))).status).toBe("success")
  expect((await finish(rig.start(more, { mergeRequest }))).status).toBe("success")
  const requests = () => gitlab.project(remoteId).mergeRequests.map(({ state }) => state)
  expect(requests()).toEqual(["opened"])
  await call(gitlab, `PUT /projects/${remoteId}/merge_requests/1`, { state_event: "close" })
  for (const attempt of ["resumed", "again"] as const) {
    const running = rig.start(more, { mergeRequest, attempt })
    await until(() => running.told.pipeline !== null)
    gitlab.script(remoteId).set("a", "success")
    expect((await running.done).status).toBe("success")
  }
  expect([requests(), pipelines(more.sha).length]).toEqual([["closed"], 1])
  expect(made.remote(id).mergeRequest).toMatchObject({ state: "closed" })
  // What comes after it is offered anew.
  const after = rig.start(await next(id), { mergeRequest })
  expect((await finish(after)).status).toBe("success")
  expect(requests()).toEqual(["closed", "opened"])
})
