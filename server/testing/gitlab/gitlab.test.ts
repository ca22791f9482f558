import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { join } from "node:path"
import { call, client, git, greenChecks, Kit, withToken } from "./kit.ts"
import { until } from "../until.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
afterEach(() => kit.close())

test("a project is made, pushed to, its checks run green, and hooks tell of it", async () => {
  const gitlab = await kit.gitlab()
  const hooks = await kit.receiver()
  const api = client(gitlab)
  const input = { name: "Лавка", path: "shop", namespaceId: gitlab.group.id, autoDevopsEnabled: false }
  const project = await api.Projects.create(input)
  expect(project).toMatchObject({ path_with_namespace: "go-chat/shop", empty_repo: true, auto_devops_enabled: false })
  const signingToken = `whsec_${Buffer.alloc(32, 7).toString("base64")}`
  const wanted = { pipelineEvents: true, jobEvents: true, pushEvents: true, token: "s3cret", signingToken }
  const hook = await api.ProjectHooks.add(project.id, hooks.url, wanted)
  expect(hook).toMatchObject({ signing_token_present: true, token_present: true, alert_status: "executable" })

  const dir = await kit.folder()
  await Bun.write(join(dir, ".gitlab-ci.yml"), greenChecks)
  await git(dir, "init", "-q", "-b", "main")
  await git(dir, "add", ".")
  await git(dir, "commit", "-q", "-m", "first")
  expect(await git(dir, "push", withToken(gitlab, "shop"), "main")).toMatchObject({ code: 0 })

  await until(() => gitlab.pipelines(project.id)[0]?.status === "success")
  const sha = (await gitlab.head(project.id)) ?? ""
  const [pipeline] = await api.Pipelines.all(project.id, { sha, perPage: 5, maxPages: 1 })
  expect(pipeline).toMatchObject({ status: "success", sha })
  const jobs = await api.Jobs.all(project.id, { pipelineId: pipeline?.id ?? 0 })
  expect(jobs.map(({ name, status }) => `${name} ${status}`)).toEqual(["check success", "make success"])
  const log = await api.Jobs.showLog(project.id, jobs[0]?.id ?? 0)
  expect(log).toMatch(/section_start:\d+:step_script\r[\s\S]*hello[\s\S]*section_end[\s\S]*Job succeeded/)
  expect(log).toContain("\u001B[0K")
  expect(await api.Jobs.show(project.id, jobs[1]?.id ?? 0)).toMatchObject({
    artifacts_file: { filename: "artifacts.zip" },
  })
  await gitlab.settled()
  const kinds = new Set(hooks.got.map(({ headers }) => headers.get("x-gitlab-event")))
  expect(kinds).toEqual(new Set(["Push Hook", "Pipeline Hook", "Job Hook"]))
  expect(gitlab.requests.some(({ method, path, status }) => `${method} ${path} ${status}` === "POST /go-chat/shop.git/git-receive-pack 200")).toBe(true) // prettier-ignore
  expect(gitlab.violations).toEqual([])
})

test("a project is found by page and path, renamed, and removed in two steps", async () => {
  const gitlab = await kit.gitlab({ firstId: 3_000_000_000 })
  const api = client(gitlab)
  for (const path of ["a", "b", "c"]) await api.Projects.create({ name: path, path, namespaceId: gitlab.group.id })
  const pages = await call(gitlab, "GET /projects?pagination=keyset&order_by=id&sort=asc&per_page=2")
  expect(pages.body).toHaveLength(2)
  expect(pages.headers.get("link")).toContain("id_after=")
  expect(pages.headers.get("x-total")).toBeNull()
  expect(await api.Projects.all({ pagination: "keyset", orderBy: "id", sort: "asc", perPage: 2 })).toHaveLength(3)
  const { id } = await api.Projects.show("go-chat/b")
  expect(id).toBeGreaterThan(2 ** 31)
  expect(await api.Projects.edit(id, { name: "B", path: "bee" })).toMatchObject({ path_with_namespace: "go-chat/bee" })
  expect((await call(gitlab, "POST /projects", { name: "x", path: "bee" })).body.message.path).toEqual(["has already been taken"]) // prettier-ignore
  expect((await call(gitlab, "POST /projects", { name: "x", path: "лавка" })).status).toBe(400)

  expect(await call(gitlab, `DELETE /projects/${id}`)).toMatchObject({ status: 202, body: { message: "202 Accepted" } })
  const marked = (await call(gitlab, `GET /projects/${id}`)).body
  expect(marked).toMatchObject({ path: `bee-deletion_scheduled-${id}`, archived: true })
  await call(gitlab, `POST /projects/${id}/restore`)
  expect((await call(gitlab, `GET /projects/${id}`)).body).toMatchObject({ path: "bee", marked_for_deletion_on: null })
  await call(gitlab, `DELETE /projects/${id}`)
  const wrong = { permanently_remove: true, full_path: "go-chat/bee" }
  expect((await call(gitlab, `DELETE /projects/${id}`, wrong)).status).toBe(400)
  const right = { permanently_remove: true, full_path: marked.path_with_namespace }
  expect((await call(gitlab, `DELETE /projects/${id}`, right)).status).toBe(202)
  await gitlab.settled()
  expect(await call(gitlab, `GET /projects/${id}`)).toMatchObject({ status: 404, body: { message: "404 Project Not Found" } }) // prettier-ignore
  expect(gitlab.violations).toEqual([])
})

test("an older GitLab removes at once and knows nothing of signatures", async () => {
  const gitlab = await kit.gitlab({ version: 17 })
  const { id } = await gitlab.createProject({ path: "old" })
  expect((await call(gitlab, "GET /metadata")).body.version).toStartWith("17.")
  const signing_token = `whsec_${Buffer.alloc(32).toString("base64")}`
  const hook = await call(gitlab, `POST /projects/${id}/hooks`, { url: "http://127.0.0.1:1/", signing_token })
  expect(hook.status).toBe(201)
  expect("signing_token_present" in hook.body).toBe(false)
  await call(gitlab, `DELETE /projects/${id}`)
  await gitlab.settled()
  expect((await call(gitlab, `GET /projects/${id}`)).status).toBe(404)
})

test("tokens are told apart", async () => {
  const gitlab = await kit.gitlab()
  const ask = (headers: Record<string, string>) => call(gitlab, "GET /personal_access_tokens/self", undefined, headers)
  expect(await ask({})).toMatchObject({ status: 401, body: { message: "401 Unauthorized" } })
  expect(await ask({ "private-token": "wrong" })).toMatchObject({ status: 401, body: { message: "401 Unauthorized" } })
  expect(await ask({ authorization: "Bearer wrong" })).toMatchObject({ status: 401, body: { error: "invalid_token" } })
  expect(await ask({ "private-token": gitlab.token })).toMatchObject({ status: 200, body: { scopes: ["api"] } })
  const late = gitlab.addToken({ expiresAt: "2020-01-01" })
  expect(await ask({ authorization: `Bearer ${late.value}` })).toMatchObject({ body: { error: "invalid_token", error_description: expect.stringContaining("expired") as string } }) // prettier-ignore
  const reader = gitlab.addToken({ scopes: ["read_api"] })
  expect(await ask({ authorization: `Bearer ${reader.value}` })).toMatchObject({ status: 200 })
  const write = await call(gitlab, "POST /projects", { name: "x" }, { authorization: `Bearer ${reader.value}` })
  expect(write).toMatchObject({ status: 403, body: { error: "insufficient_scope", scope: "api" } })
})

test("what GitLab's documents do not know is noted", async () => {
  const gitlab = await kit.gitlab()
  const { id } = await gitlab.createProject({ path: "shop" })
  const before = gitlab.violations.length
  await call(gitlab, `GET /projects/${id}?colour=red`)
  await call(gitlab, `GET /projects/${id}/pipelines?status=great`)
  await call(gitlab, `POST /projects/${id}/hooks`, { url: "http://127.0.0.1:1/", push_events: "yes", colour: 1 })
  await call(gitlab, `POST /projects/${id}/hooks`)
  await call(gitlab, `GET /projects/${id}/pipelines/1/jobs?scope[]=great`)
  await call(gitlab, "GET /secrets")
  // An answer of its own that is not as GitLab's are.
  Object.assign(gitlab.project(id), { name: 7 })
  await call(gitlab, `GET /projects/${id}`)
  const noted = gitlab.violations.slice(before).join("\n")
  if (!gitlab.checks) return expect(noted).toBe("")
  expect(noted).toContain("no parameter colour")
  expect(noted).toContain("status cannot be great")
  expect(noted).toContain("/push_events must be boolean")
  expect(noted).toContain('"additionalProperty":"colour"')
  expect(noted).toContain('"missingProperty":"url"')
  expect(noted).toContain("scope cannot be great")
  expect(noted).toContain("no such path")
  expect(noted).toContain("answer: /name must be string")
})
