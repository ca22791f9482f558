import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import type { GitLabDouble } from "../../../testing/gitlab/double.ts"
import { Kit } from "../../../testing/gitlab/kit.ts"
import { createGitLabClient } from "./client.ts"
import { checkSetup } from "./setup.ts"

setDefaultTimeout(15_000)
const kit = new Kit()
afterEach(() => kit.close())

const webhookUrl = "http://127.0.0.1:9/hooks/gitlab/setup"
const check = (gitlab: GitLabDouble, token = gitlab.token, group = gitlab.group.fullPath, url = gitlab.url) =>
  checkSetup(createGitLabClient({ url, token, pauseMs: 2, timeoutMs: 2000 }), { group, webhookUrl })

const words = (text: string) => expect.stringContaining(text) as string
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

test("nothing to say about one that is well, and nothing is left behind", async () => {
  const gitlab = await kit.gitlab({ subPath: "/gitlab" })
  expect(await check(gitlab)).toEqual({ problems: [], warnings: [], version: "19.5.1" })
  const { id } = await gitlab.createProject({ path: "shop", description: "Go Chat project p1" })
  await gitlab.createProject({ path: "of-others" })
  expect(await check(gitlab)).toEqual({ problems: [], warnings: [], version: "19.5.1" })
  expect(gitlab.requests.filter(({ method }) => method !== "GET").map(({ method }) => method)).toEqual([
    "POST",
    "DELETE",
  ])
  const tried = gitlab.requests.find(({ method }) => method === "POST")
  expect(tried?.path).toContain(`/projects/${id}/hooks`)
  expect(gitlab.world.hooks.size).toBe(0)
  expect(gitlab.violations).toEqual([])
})

test("tokens: unknown, expired, revoked, too weak, soon to expire", async () => {
  const gitlab = await kit.gitlab()
  const problem = async (token: string) => (await check(gitlab, token)).problems
  expect(await problem("glpat-unknown-unknown")).toEqual([words("does not accept the access token")])
  expect(await problem(gitlab.addToken({ expiresAt: inDays(-1) }).value)).toEqual([words("has expired")])
  expect(await problem(gitlab.addToken({ revoked: true }).value)).toEqual([words("does not accept the access token")])
  expect(await problem(gitlab.addToken({ scopes: ["read_api"] }).value)).toEqual([words("scope “api”")])
  expect(await problem(gitlab.addToken({ scopes: ["read_user"] }).value)).toEqual([words("scope “api”")])
  const soon = inDays(10)
  const { problems, warnings } = await check(gitlab, gitlab.addToken({ expiresAt: soon }).value)
  expect([problems, warnings]).toEqual([[], [words(`in 10 days, on ${soon}`)]])
  expect((await check(gitlab, gitlab.addToken({ expiresAt: inDays(16) }).value)).warnings).toEqual([])
})

test("groups: not there, closed, too few rights, not enough to remove", async () => {
  const gitlab = await kit.gitlab()
  expect((await check(gitlab, gitlab.token, "nowhere/apps")).problems).toEqual([words("no group “nowhere/apps”")])
  const none = (level: number) =>
    gitlab.trouble({
      path: new RegExp(`min_access_level=${level}`),
      trouble: { kind: "status", status: 200, body: [] },
    })
  none(50)
  expect(await check(gitlab)).toMatchObject({ problems: [], warnings: [words("role Owner")] })
  none(50)
  none(40)
  expect((await check(gitlab)).problems).toEqual([words("role Maintainer")])
  none(50)
  none(40)
  gitlab.trouble({ path: /\/user$/, trouble: { kind: "status", status: 200, body: { is_admin: true } } })
  expect(await check(gitlab)).toMatchObject({ problems: [], warnings: [] })
  const { id, fullPath } = gitlab.group
  const body = { id, full_path: fullPath, project_creation_level: "noone" }
  gitlab.trouble({ path: /groups\/go-chat\?/, trouble: { kind: "status", status: 200, body } })
  expect((await check(gitlab)).problems).toEqual([words("Nobody may make projects")])
})

test("hooks that are refused are a warning that says where to allow them", async () => {
  const gitlab = await kit.gitlab({ localHooks: false })
  expect((await check(gitlab)).warnings).toEqual([])
  await gitlab.createProject({ path: "shop", description: "Go Chat project p1" })
  expect(await check(gitlab)).toMatchObject({ problems: [], warnings: [words("Outbound requests")] })
  gitlab.trouble({ path: /hooks/, trouble: { kind: "forbidden" } })
  expect(await check(gitlab)).toMatchObject({ problems: [], warnings: [words("could not be found out")] })
})

test("old, away, or no GitLab at all", async () => {
  const gitlab = await kit.gitlab()
  gitlab.trouble({ path: /metadata/, trouble: { kind: "status", status: 200, body: { version: "16.11.4-ee" } } })
  expect(await check(gitlab)).toMatchObject({ problems: [words("version 16.11.4-ee")], version: "16.11.4-ee" })
  const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") })
  const found = await check(gitlab, gitlab.token, "go-chat", other.url.href)
  await other.stop(true)
  expect(found).toMatchObject({ problems: [words("does not look like GitLab")], version: null })
  await gitlab.away()
  const away = await check(gitlab)
  expect(away).toMatchObject({ problems: [words("does not answer at")], version: null })
  expect(JSON.stringify(away)).not.toContain(gitlab.token)
})
