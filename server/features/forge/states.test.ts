import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { type BuildStatus, buildStatus, finishedStatuses } from "../../../shared/build.ts"
import type { ProjectStatus } from "../../../shared/project.ts"
import type { GitLabDouble } from "../../testing/gitlab/double.ts"
import { Kit } from "../../testing/gitlab/kit.ts"
import { type LinkedServer, oneCheck, startLinkedServer } from "../../testing/gitlab/linked-server.ts"
import type { ScriptedPipeline } from "../../testing/gitlab/scripted-pipeline.ts"
import { call, calls, say, scriptedModel } from "../../testing/scripted-model.ts"
import { until } from "../../testing/until.ts"

/** What programs see of GitLab's states, by the typed client. */
setDefaultTimeout(40_000)
const kit = new Kit()
const model = scriptedModel()
let gitlab: GitLabDouble
let linked: LinkedServer

beforeAll(async () => {
  gitlab = await kit.gitlab({ pipelines: "scripted" })
  linked = await startLinkedServer(gitlab, { model, pollMs: 100 })
  await linked.restartSync({ firstMs: 50, longestMs: 400, gapMs: 50, everyMs: 3_600_000, sweepMs: 3_600_000 })
})
afterAll(async () => {
  await linked.stop()
  await gitlab.settled()
  expect(gitlab.violations).toEqual([])
  await kit.close()
})

const projectStatusOf = (status: BuildStatus): ProjectStatus => {
  if (!finishedStatuses.includes(status)) return "checking"
  return status === "success" || status === "skipped" ? "ready" : "failed"
}
/** Those that are an end come last: after them the pipeline has to be opened again. */
const inOrder = buildStatus.options.toSorted(
  (a, b) => Number(finishedStatuses.includes(a)) - Number(finishedStatuses.includes(b)),
)

test("each of the thirteen is shown as it is, of the checks and of the project, and four of them are an end", async () => {
  const project = await linked.project()
  const { id: projectId, pipeline } = project
  expect(inOrder).toHaveLength(13)
  for (const status of inOrder) {
    const began = finishedStatuses.includes(status) ? "running" : status
    pipeline.set("check", began).setStatus(began)
    await until(async () => (await project.build()).status === began)
    pipeline.set("check", status).setStatus(status)
    const jobStatus = async () => (await project.build()).jobs[0]?.status
    await until(async () => (await project.build()).status === status && (await jobStatus()) === status)
    const { finishedAt } = await project.build()
    const shown = await linked.client.project.get.query({ projectId })
    expect([status, finishedAt !== null, shown.buildStatus, shown.status]).toEqual([
      status,
      finishedStatuses.includes(status),
      status,
      projectStatusOf(status),
    ])
  }
})

/** A wish by `client.build`, with the pipeline that it led to and all states that it was told. */
async function wish(): Promise<{
  pipeline: ScriptedPipeline
  told: BuildStatus[]
  over: () => boolean
  built: Promise<unknown>
}> {
  // prettier-ignore
  const { id: projectId } = await linked.client.project.create.mutate({ title: "Wish", template: "static" })
  let asked = 0
  model.script = () =>
    asked++ === 0 ? calls(call("write_file", { path: ".gitlab-ci.yml", content: oneCheck })) : say("Done.")
  const told: BuildStatus[] = []
  let over = false
  const built = linked.client
    .build(projectId, "Make a page", {
      onEvent: (event) => void (event.type === "build.changed" && told.push(event.build.status)),
    })
    .finally(() => (over = true))
  const webUrl = async () => (await linked.client.project.get.query({ projectId })).forge?.webUrl
  await until(async () => (await webUrl()) !== undefined)
  const path = (await webUrl())?.split("/").at(-1)
  const remote = [...gitlab.world.projects.values()].find((known) => known.path === path)
  await until(() => gitlab.pipelines(remote?.id ?? 0).length > 0)
  return { pipeline: gitlab.script(remote?.id ?? 0), told, over: () => over, built }
}

test("who builds by the client waits while the checks are blocked, and has the end when they go on", async () => {
  const { pipeline, told, over, built } = await wish()
  for (const status of ["scheduled", "manual"] as const) {
    pipeline.set("check", status)
    await until(() => told.at(-1) === status)
    expect([status, over()]).toEqual([status, false])
  }
  // Somebody starts it there.
  pipeline.set("check", "running")
  await until(() => told.at(-1) === "running")
  expect(over()).toBe(false)
  pipeline.set("check", "success")
  expect(await built).toMatchObject({ checks: { status: "success" }, version: { buildStatus: "success" } })
})

test.each(["failed", "canceled", "skipped"] as const)("%s is an end for who builds by the client", async (status) => {
  const { pipeline, built } = await wish()
  pipeline.set("check", "running").set("check", status)
  expect(await built).toMatchObject({
    checks: { status, finishedAt: expect.any(String) },
    version: { buildStatus: status, live: false },
  })
})
