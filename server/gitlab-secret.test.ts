import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { createRemoteLinks } from "./features/forge/remote-links.ts"
import { findLink } from "./features/forge/store.ts"
import { createGitLabForge } from "./ports/forge/gitlab/create-gitlab-forge.ts"
import { hookToken } from "./ports/forge/gitlab/signature.ts"
import type { GitLabDouble } from "./testing/gitlab/double.ts"
import { Kit } from "./testing/gitlab/kit.ts"
import { type LinkedServer, startLinkedServer, webhookSecret } from "./testing/gitlab/linked-server.ts"
import { until } from "./testing/until.ts"

/** An operator sets another `GITLAB_WEBHOOK_SECRET` and starts the server again. */
setDefaultTimeout(60_000)
const kit = new Kit()
let gitlab: GitLabDouble
let linked: LinkedServer

beforeAll(async () => {
  gitlab = await kit.gitlab()
  linked = await startLinkedServer(gitlab)
})
afterAll(async () => {
  await linked.stop()
  await gitlab.settled()
  expect(gitlab.violations).toEqual([])
  await kit.close()
})

const tokens = () => [...gitlab.world.hooks.values()].map(({ token }) => token ?? "").toSorted()
const writes = () => gitlab.requests.filter(({ method, path }) => method !== "GET" && path.includes("/hooks")).length

test("the hooks of projects that nobody touches get it, and only once", async () => {
  const { services } = linked.server
  const projects = [await linked.project(), await linked.project(), await linked.project()]
  for (const project of projects) {
    project.pipeline.set("check", "success")
    await until(async () => (await project.build()).status === "success")
  }
  await gitlab.settled()
  const tokensOf = (secret: string) => projects.map(({ id }) => hookToken(secret, id)).toSorted()
  expect(tokens()).toEqual(tokensOf(webhookSecret))

  const marks = async () => Promise.all(projects.map(async ({ id }) => (await findLink(services.db, id))?.hook ?? null))
  const marksBefore = await marks()

  const secret = "another secret of the operator"
  const { publicUrl, secretKey, gitlab: settings } = services.config
  if (settings === null) throw new Error("the server has no GitLab")
  const { repository, log } = services
  services.forge = createGitLabForge({
    publicUrl,
    secretKey,
    repository,
    log,
    settings: { ...settings, webhookSecret: secret },
    links: createRemoteLinks(services),
  })
  const before = writes()
  await linked.restartSync({ sweepMs: 10, everyMs: 600_000, perRound: 1 })
  await until(() => Bun.deepEquals(tokens(), tokensOf(secret)))
  await until(async () => (await marks()).every((mark) => mark !== null && !marksBefore.includes(mark)))
  // Written once each; a server that starts once more only looks.
  expect(writes() - before).toBe(projects.length)
  const looks = () => gitlab.requests.filter(({ method, path }) => method === "GET" && path.includes("/hooks")).length
  const looked = looks()
  await linked.restartSync({ sweepMs: 10, everyMs: 600_000, perRound: 1 })
  await until(() => looks() >= looked + projects.length)
  expect(writes() - before).toBe(projects.length)

  // And what GitLab sends from now on is taken.
  const [project] = projects
  if (project === undefined) throw new Error("there is no project")
  const sent = gitlab.hooks.deliveries.length
  project.pipeline.tell()
  await until(() => gitlab.hooks.deliveries.length > sent)
  expect(gitlab.hooks.deliveries.at(-1)).toMatchObject({ status: 200 })
})
