import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { isNull } from "drizzle-orm"
import { forgeDeliveries } from "../../../drizzle/schema/forge.ts"
import type { BuildStatus } from "../../../shared/build.ts"
import { quantile } from "../../bench/quantile.ts"
import type { GitLabDouble } from "../../testing/gitlab/double.ts"
import { Kit } from "../../testing/gitlab/kit.ts"
import { type LinkedProject, type LinkedServer, startLinkedServer } from "../../testing/gitlab/linked-server.ts"
import { until } from "../../testing/until.ts"

/** Nobody looks by the clock here: what is known comes from news alone. */
const pollMs = 600_000
setDefaultTimeout(60_000)
const kit = new Kit()
let gitlab: GitLabDouble
let linked: LinkedServer

beforeAll(async () => {
  gitlab = await kit.gitlab()
  linked = await startLinkedServer(gitlab, { pollMs })
})
afterAll(async () => {
  await linked.stop()
  await gitlab.settled()
  expect(gitlab.violations).toEqual([])
  await kit.close()
})

const yaml = "build: { script: ['true'] }\ncheck: { stage: test, script: ['true'] }\n"
const ends = async (project: LinkedProject) =>
  (await project.events()).flatMap((event) =>
    event.type === "build.changed" && event.build.finishedAt !== null ? [event.build.status] : [],
  )
const unhandled = async () =>
  (await linked.server.services.db.select().from(forgeDeliveries).where(isNull(forgeDeliveries.handledAt))).length

test("news alone move a build, from its beginning to its end", async () => {
  const project = await linked.project()
  for (const status of ["pending", "running", "success"] as const) {
    project.pipeline.set("check", status)
    await until(async () => (await project.build()).status === status)
  }
  expect(await ends(project)).toEqual(["success"])
})

/** States on the way; none of them is an end. */
const way = ["waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running"] as const
const last: BuildStatus[] = ["success", "failed", "canceled", "success", "manual", "skipped"]

test("300 deliveries as fast as they go, a third of them doubled or in another order: each build ends true, once", async () => {
  const projects: LinkedProject[] = []
  for (const _ of last) projects.push(await linked.project(yaml))
  await gitlab.settled()
  const before = gitlab.hooks.deliveries.length
  gitlab.hooks.fate = (_, number) => {
    if (number % 6 === 0) return "duplicate"
    return number % 6 === 3 ? { lateMs: (number * 37) % 250 } : "send"
  }
  for (const status of [...way, ...way, ...way]) {
    for (const { pipeline } of projects) pipeline.set("build", status).tell()
    // So that bodies are made at different times: they show how things are when they are sent.
    await Bun.sleep(0)
  }
  for (const { pipeline } of projects)
    pipeline.set("build", "success").set("check", "pending").set("check", "running").tell()
  for (const [index, { pipeline }] of projects.entries()) {
    const end = last[index] ?? "success"
    if (end === "skipped") pipeline.set("build", "skipped").set("check", "skipped").setStatus("skipped")
    else pipeline.set("check", end).tell()
  }
  await gitlab.settled()
  const sent = gitlab.hooks.deliveries.slice(before)
  expect(sent.length).toBeGreaterThan(300)
  expect(sent.filter(({ status }) => status !== 200)).toEqual([])
  for (const [index, project] of projects.entries()) {
    await until(async () => (await project.build()).status === (last[index] ?? "success"))
  }
  await until(async () => (await unhandled()) === 0)
  for (const [index, project] of projects.entries()) {
    const end = last[index] ?? "success"
    expect((await project.build()).status).toBe(project.pipeline.pipeline.status)
    // What waits for a person has not ended.
    expect([end, await ends(project)]).toEqual([end, end === "manual" ? [] : [end]])
  }
  // The promise of `bench:webhook` is a fifth of this.
  expect(
    quantile(
      sent.map(({ ms }) => ms),
      0.99,
    ),
  ).toBeLessThan(2_500)
})
