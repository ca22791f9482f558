import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { createGoChatClient, type GoChatClient } from "../shared/client.ts"
import type { GitLabDouble } from "./testing/gitlab/double.ts"
import { call, Kit } from "./testing/gitlab/kit.ts"
import { startTestServer, type TestServer } from "./testing/server.ts"
import { until } from "./testing/until.ts"

/** A server beside a GitLab: what a person wishes for becomes a project, a push and a pipeline there. */
setDefaultTimeout(60_000)
const kit = new Kit()
let gitlab: GitLabDouble
let server: TestServer
let client: GoChatClient

beforeAll(async () => {
  gitlab = await kit.gitlab()
  server = await startTestServer({
    GITLAB_URL: gitlab.url,
    GITLAB_TOKEN: gitlab.token,
    GITLAB_GROUP: gitlab.group.fullPath,
  })
  const { cookie } = await server.signUp()
  client = createGoChatClient({ url: server.url, cookie })
})
afterAll(async () => {
  await server.stop()
  await gitlab.settled()
  expect(gitlab.violations).toEqual([])
  await kit.close()
})

test("a wish becomes a version, a project in GitLab, a green pipeline there, and goes live", async () => {
  const { id: projectId } = await client.project.create.mutate({})
  const built = await client.build(projectId, "Build me an inventory tracker")
  expect(built.checks).toMatchObject({ status: "success", error: null })
  const sha = built.version?.sha ?? ""
  const project = await client.project.get.query({ projectId })
  const [remote] = gitlab.world.projects.values()
  if (remote === undefined) throw new Error("there is no project in GitLab")
  expect([remote.path, remote.name, remote.autoDevOps]).toEqual([project.slug ?? "", project.title, false])
  expect(remote.description).toContain(`${server.services.config.publicUrl}/projects/${projectId}`)
  expect(await gitlab.head(remote.id)).toBe(sha)

  const [pipeline] = gitlab.pipelines(remote.id)
  expect(pipeline).toMatchObject({ sha, ref: "main", source: "push", status: "success" })
  const webUrl = `${gitlab.url}/go-chat/${project.slug}`
  expect(project.forge).toEqual({ webUrl, branch: "main", mergeRequest: null })
  const { builds } = await client.build.list.query({ projectId })
  expect(builds).toMatchObject([{ sha, status: "success", branch: "main", webUrl: `${webUrl}/-/pipelines/${pipeline?.id}` }]) // prettier-ignore
  expect(builds[0]?.jobs.map(({ name, status }) => `${name} ${status}`)).toEqual(
    pipeline?.jobs.map(({ name, status }) => `${name} ${status}`) ?? [],
  )
  await until(async () => (await client.project.get.query({ projectId })).liveSha === sha)

  // From the commit at GitLab back to the words and the run, and from here to each of its pages.
  const runId = built.version?.runId ?? ""
  const { messages } = await client.chat.history.query({ projectId })
  expect(messages.map(({ role, versionSha }) => [role, versionSha]).at(-1)).toEqual(["assistant", sha])
  expect(messages.at(-1)?.runId).toBe(runId)
  const { body: commit } = await call(gitlab, `GET /projects/${remote.id}/repository/commits/${sha}`)
  const back = `Chat: ${server.services.config.publicUrl}/projects/${projectId}\nRun: ${runId}`
  expect(String(commit.message).trim()).toBe(`Build me an inventory tracker\n\n${back}`)
  expect(built.version?.webUrl ?? commit.web_url).toBe(commit.web_url)
  expect((await client.version.list.query({ projectId })).versions[0]?.webUrl).toBe(commit.web_url)
  const [build] = builds
  expect(build?.runId).toBe(runId)
  for (const job of build?.jobs ?? []) {
    const there = pipeline?.jobs.find(({ name }) => name === job.name)
    expect(job.webUrl).toBe(`${webUrl}/-/jobs/${there?.id}`)
    const log = await client.build.log.query({ projectId, buildId: build?.id ?? "", jobId: job.id })
    expect([log.complete, log.text.includes("$ ")]).toEqual([true, true])
  }
})
