import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import type { Settings } from "../../testing/gitlab/world.ts"
import type { GitLabDouble } from "../../testing/gitlab/double.ts"
import { call, Kit } from "../../testing/gitlab/kit.ts"
import { type LinkedProject, type LinkedServer, startLinkedServer } from "../../testing/gitlab/linked-server.ts"
import { until } from "../../testing/until.ts"

/** Whole ways through GitLabs that are not as the newest one is by itself. */
setDefaultTimeout(40_000)
const kit = new Kit()
const servers: LinkedServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  await kit.close()
})

async function start(options: Partial<Settings>): Promise<{ gitlab: GitLabDouble; linked: LinkedServer }> {
  const gitlab = await kit.gitlab(options)
  const linked = await startLinkedServer(gitlab)
  servers.push(linked)
  await linked.restartSync({ firstMs: 50, longestMs: 400, gapMs: 50, sweepMs: 20, everyMs: 100 })
  return { gitlab, linked }
}

const is = (project: LinkedProject, status: string) => until(async () => (await project.build()).status === status)

test.each([
  [17, false],
  [18, false],
  [19, true],
] as const)("version %d: from the version to its end, hooks proved (signed: %p), and gone", async (version, signs) => {
  const { gitlab, linked } = await start({ version, subPath: "/gitlab" })
  const project = await linked.project()
  project.pipeline.set("check", "running").set("check", "success")
  await is(project, "success")
  await gitlab.settled()
  expect(gitlab.hooks.deliveries.length).toBeGreaterThan(2)
  for (const { status, headers } of gitlab.hooks.deliveries) {
    expect([status, headers["webhook-signature"] !== undefined]).toEqual([200, signs])
    expect(headers["X-Gitlab-Token"]).toMatch(/^[0-9a-f]{64}$/)
  }
  await linked.client.project.remove.mutate({ projectId: project.id })
  await until(() => !gitlab.world.projects.has(project.remoteId))
  expect(gitlab.violations).toEqual([])
})

test("a hook that failed until GitLab switched it off is replaced, and news come again", async () => {
  const { gitlab, linked } = await start({ autoDisableHooks: true })
  const project = await linked.project()
  await gitlab.settled()
  const hook = () => [...gitlab.world.hooks.values()].find(({ projectId }) => projectId === project.remoteId)
  const first = hook()
  if (first === undefined) throw new Error("there is no hook")
  // Somebody wrote other secrets there. GitLab tells of neither.
  Object.assign(first, { token: "another", signingToken: `whsec_${Buffer.alloc(32, 7).toString("base64")}` })
  for (let sent = 0; sent < 4; sent++) {
    expect(first.failures).toBe(sent)
    project.pipeline.tell()
    await until(() => gitlab.hooks.quiet)
  }
  await until(() => (hook()?.id ?? first.id) !== first.id)
  project.pipeline.set("check", "success")
  await is(project, "success")
  await gitlab.settled()
  const answers = (id?: number) => gitlab.hooks.deliveries.filter(({ hookId }) => hookId === id).map(({ status }) => status) // prettier-ignore
  expect(answers(first.id).slice(-4)).toEqual([401, 401, 401, 401])
  expect(new Set(answers(hook()?.id))).toEqual(new Set([200]))
  expect(gitlab.violations).toEqual([])
})

test("a branch that nobody may push to: the version waits and says so, until somebody allows it", async () => {
  const { gitlab, linked } = await start({})
  const project = await linked.project()
  project.pipeline.set("check", "success")
  await is(project, "success")
  const { id: projectId, remoteId } = project
  const branch = `/projects/${remoteId}/protected_branches`
  await call(gitlab, `DELETE ${branch}/main`)
  expect(await call(gitlab, `POST ${branch}`, { name: "main", push_access_level: 0 })).toMatchObject({ status: 201 })
  const { version } = await linked.client.file.write.mutate({ projectId, path: "more.txt", content: "more" })
  const sha = version?.sha ?? ""
  await until(async () => (await project.build()).error !== null)
  expect(await project.build()).toMatchObject({ sha, finishedAt: null })
  expect((await project.build()).error).toMatch(/GitLab/)
  expect(await gitlab.head(remoteId)).not.toBe(sha)
  await call(gitlab, `DELETE ${branch}/main`)
  await until(async () => (await gitlab.head(remoteId)) === sha)
  await until(() => gitlab.pipelines(remoteId)[0]?.sha === sha)
  gitlab.script(remoteId).set("check", "success")
  await is(project, "success")
  expect((await project.build()).error).toBeNull()
  expect(gitlab.violations).toEqual([])
})
