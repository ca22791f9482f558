import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { isNull } from "drizzle-orm"
import { forgeDeliveries, forgeLeftovers } from "../../../drizzle/schema/forge.ts"
import type { GitLabDouble } from "../../testing/gitlab/double.ts"
import { call, Kit } from "../../testing/gitlab/kit.ts"
import { type LinkedProject, type LinkedServer, startLinkedServer } from "../../testing/gitlab/linked-server.ts"
import { type Beat, say, scriptedModel } from "../../testing/scripted-model.ts"
import { until } from "../../testing/until.ts"
import { createSync } from "./create-sync.ts"

setDefaultTimeout(40_000)
const kit = new Kit()
const model = scriptedModel()
let linked: LinkedServer
let gitlab: GitLabDouble

beforeAll(async () => {
  gitlab = await kit.gitlab()
  linked = await startLinkedServer(gitlab, { model })
})
afterAll(async () => {
  await linked.stop()
  await gitlab.settled()
  expect(gitlab.violations).toEqual([])
  await kit.close()
})

const quick = { firstMs: 50, longestMs: 400, gapMs: 50, sweepMs: 20 }
/** As it is in use, but for the pauses; no round but the first comes within a test. */
const hooksOnly = { ...quick, everyMs: 3_600_000 }
const rounds = { ...quick, everyMs: 100 }

const is = (project: LinkedProject, status: string, ms?: number) =>
  until(async () => (await project.build()).status === status, ms)
const ends = async (project: LinkedProject) =>
  (await project.events()).flatMap((event) =>
    event.type === "build.changed" && event.build.finishedAt !== null ? [event.build.status] : [],
  )
const unhandled = () =>
  linked.server.services.db.select().from(forgeDeliveries).where(isNull(forgeDeliveries.handledAt))
const worked = () => until(async () => (await unhandled()).length === 0)
const quiet = async () => {
  await gitlab.settled()
  await worked()
}

/** A project whose only check ended like this, and everybody knows. */
async function ended(status: "success" | "failed"): Promise<LinkedProject> {
  const project = await linked.project()
  project.pipeline.set("check", "running").set("check", status)
  await is(project, status)
  await quiet()
  return project
}

/** What somebody else does in GitLab: the check runs again, as another job. */
const retryThere = (project: LinkedProject) =>
  call(gitlab, `POST /projects/${project.remoteId}/pipelines/${project.pipeline.pipeline.id}/retry`)

describe("news", () => {
  beforeAll(() => linked.restartSync(hooksOnly))

  test("wake who follows the pipeline", async () => {
    const project = await linked.project()
    project.pipeline.set("check", "running")
    await is(project, "running")
    // The first hook told that they come, so the clock alone would take its time.
    await quiet()
    const began = performance.now()
    project.pipeline.set("check", "success")
    await is(project, "success")
    expect(performance.now() - began).toBeLessThan(1_900)
    expect(await ends(project)).toEqual(["success"])
  })

  test("of a retry inside GitLab open the build again, to its true end", async () => {
    const project = await ended("failed")
    expect(await retryThere(project)).toMatchObject({ status: 201 })
    await until(async () => (await project.build()).finishedAt === null)
    expect(await project.build()).toMatchObject({ error: null, finishedAt: null })
    project.pipeline.set("check", "running").set("check", "success")
    await is(project, "success")
    expect(await ends(project)).toEqual(["failed", "success"])
    const { jobs, sha } = await project.build()
    expect(jobs.map(({ name, status }) => `${name} ${status}`)).toEqual(["check success"])
    await until(async () => (await linked.client.project.get.query({ projectId: project.id })).liveSha === sha)
  })

  test("of a manual job that was played inside GitLab open it, too", async () => {
    const yaml =
      "check: { script: ['true'] }\nship: { stage: deploy, when: manual, allow_failure: false, script: ['true'] }\n"
    const project = await linked.project(yaml)
    project.pipeline.set("check", "running").set("check", "success").set("ship", "manual")
    await is(project, "manual")
    await quiet()
    expect(await ends(project)).toEqual([])
    project.pipeline.set("ship", "running")
    await is(project, "running")
    project.pipeline.set("ship", "success")
    await is(project, "success")
    const { jobs } = await project.build()
    expect(jobs.map(({ name, status }) => `${name} ${status}`)).toEqual(["check success", "ship success"])
    expect(await ends(project)).toEqual(["success"])
  })

  test("that are late, doubled or in another order change nothing", async () => {
    const project = await linked.project()
    gitlab.hooks.hold()
    project.pipeline.set("check", "pending").set("check", "running").set("check", "success")
    await is(project, "success")
    const told = (await project.events()).length
    gitlab.hooks.held.push(...gitlab.hooks.held)
    await gitlab.hooks.release("reversed")
    await quiet()
    expect(await project.events()).toHaveLength(told)
    expect(await ends(project)).toEqual(["success"])
  })

  test("wait while GitLab is away", async () => {
    const project = await ended("failed")
    gitlab.hooks.hold()
    await retryThere(project)
    project.pipeline.set("check", "running").set("check", "success")
    await gitlab.away()
    await gitlab.hooks.release()
    await until(async () => (await unhandled()).length > 0)
    expect((await project.build()).status).toBe("failed")
    await gitlab.back()
    await is(project, "success")
    await worked()
    expect(await ends(project)).toEqual(["failed", "success"])
  })

  test("that an earlier server left are worked on", async () => {
    const project = await ended("failed")
    await linked.server.services.sync.close()
    await retryThere(project)
    project.pipeline.set("check", "running").set("check", "success")
    await gitlab.settled()
    expect((await unhandled()).length).toBeGreaterThan(0)
    expect((await project.build()).status).toBe("failed")
    await linked.restartSync(hooksOnly)
    await is(project, "success")
    await worked()
  })

  test("of others' commits bring them in, once the AI is done", async () => {
    const project = await ended("success")
    let goOn = () => {}
    const wait = new Promise<void>((resolve) => (goOn = resolve))
    model.script = (): Beat[] => [wait, ...say("Done.")]
    await linked.client.chat.send.mutate({ projectId: project.id, content: "Think about it" })
    await until(() => model.requests.length > 0)
    const sha = await gitlab.commit(project.remoteId, { "outside.txt": "from outside" })
    await gitlab.settled()
    await until(async () => (await unhandled()).some(({ event }) => event === "push"))
    goOn()
    await until(
      async () => (await linked.client.version.list.query({ projectId: project.id })).versions[0]?.sha === sha,
    )
    await worked()
    const { content } = await linked.client.file.read.query({ projectId: project.id, path: "outside.txt" })
    expect(content).toBe("from outside")
  })

  test("of a merge request are known, and what was merged comes in", async () => {
    const project = await ended("success")
    const { id: projectId, remoteId } = project
    await linked.client.project.update.mutate({ projectId, versionRoute: "mergeRequest" })
    await linked.client.file.write.mutate({ projectId, path: "more.txt", content: "more" })
    const request = async () => (await linked.client.project.get.query({ projectId })).forge?.mergeRequest
    await until(async () => (await request())?.state === "opened")
    const { number = 0 } = (await request()) ?? {}
    for (const [event, state] of [
      ["close", "closed"],
      ["reopen", "opened"],
    ] as const) {
      const line = `PUT /projects/${remoteId}/merge_requests/${number}`
      expect(await call(gitlab, line, { state_event: event })).toMatchObject({ status: 200 })
      await until(async () => (await request())?.state === state)
    }
    const merged = await gitlab.merge(remoteId, number)
    await until(async () => (await request())?.state === "merged")
    await until(async () => (await linked.client.version.list.query({ projectId })).versions[0]?.sha === merged)
  })

  test("of a pipeline that somebody started for himself are left alone", async () => {
    const project = await ended("success")
    const told = (await project.events()).length
    expect(await call(gitlab, `POST /projects/${project.remoteId}/pipeline`, { ref: "main" })).toMatchObject({
      status: 201,
    })
    gitlab.script(project.remoteId).set("check", "failed")
    await quiet()
    expect(await project.events()).toHaveLength(told)
  })

  test("a title given here is soon GitLab's", async () => {
    const project = await ended("success")
    await linked.client.project.update.mutate({ projectId: project.id, title: "Bakery" })
    await until(() => gitlab.project(project.remoteId).name === "Bakery")
    await gitlab.away()
    await linked.client.project.update.mutate({ projectId: project.id, title: "Café" })
    await gitlab.back()
    await until(() => gitlab.project(project.remoteId).name === "Café")
  })
})

describe("lost news", () => {
  beforeAll(() => linked.restartSync(rounds))

  test("of a retry are found", async () => {
    const project = await ended("failed")
    gitlab.hooks.fate = () => "drop"
    try {
      await retryThere(project)
      project.pipeline.set("check", "running")
      await until(async () => (await project.build()).finishedAt === null)
      project.pipeline.set("check", "success")
      await is(project, "success")
      expect(await ends(project)).toEqual(["failed", "success"])
    } finally {
      gitlab.hooks.fate = () => "send"
    }
  })

  test("of others' commits are found", async () => {
    const project = await ended("success")
    gitlab.hooks.fate = () => "drop"
    try {
      const sha = await gitlab.commit(project.remoteId, { "found.txt": "found" })
      await until(
        async () => (await linked.client.version.list.query({ projectId: project.id })).versions[0]?.sha === sha,
      )
    } finally {
      gitlab.hooks.fate = () => "send"
    }
  })

  test("a hook that was lost, switched off or has no secret is repaired", async () => {
    const project = await ended("success")
    const hook = () => [...gitlab.world.hooks.values()].find(({ projectId }) => projectId === project.remoteId)
    const first = hook()
    if (first === undefined) throw new Error("there is no hook")
    gitlab.world.hooks.delete(first.id)
    await until(() => hook() !== undefined)
    const second = hook()
    if (second !== undefined) second.disabledForGood = true
    await until(() => hook()?.disabledForGood === false)
    const third = hook()
    if (third !== undefined) Object.assign(third, { token: null, signingToken: null })
    await until(() => hook()?.token === first.token && hook()?.signingToken === first.signingToken)
  })

  test("a project that could not be removed at GitLab is removed later", async () => {
    const project = await ended("success")
    const { remoteId } = project
    gitlab.trouble({ method: "DELETE", times: 50, trouble: { kind: "status", status: 503 } })
    await linked.client.project.remove.mutate({ projectId: project.id })
    gitlab.calm()
    await until(() => gitlab.world.projects.get(remoteId)?.markedForDeletion !== null)
    const left = () => linked.server.services.db.select().from(forgeLeftovers)
    await until(async () => (await left()).length === 0)
  })

  test("are looked for gently", async () => {
    await linked.server.services.sync.close()
    await gitlab.settled()
    const before = gitlab.requests.length
    const sync = createSync(linked.server.services, { ...rounds, everyMs: 3_600_000, sweepMs: 3_600_000, perRound: 20 })
    sync.start()
    await until(() => gitlab.requests.length > before + 5)
    await sync.close()
    expect(gitlab.requests.length - before).toBeLessThanOrEqual(40)
    linked.server.services.sync = sync
  })
})
