import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { RemoteGitError } from "../../repository/remote-git-error.ts"
import type { GitLabDouble } from "../../../testing/gitlab/double.ts"
import { gitLabRig } from "../../../testing/gitlab/forge.ts"
import { call, Kit } from "../../../testing/gitlab/kit.ts"
import type { Settings } from "../../../testing/gitlab/world.ts"
import { until } from "../../../testing/until.ts"
import type { GitLabForgeOptions } from "./create-gitlab-forge.ts"

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
const { signal } = new AbortController()
const registry = { host: "registry.here:5000", user: "u", password: "p" }

/** A forge, and a project of it whose first version is green at GitLab. */
async function start(settings: Partial<Settings> = {}, more: Partial<GitLabForgeOptions> = {}) {
  const gitlab = await kit.gitlab({ pipelines: "scripted", ...settings })
  started.push(gitlab)
  const made = await gitLabRig(gitlab, more)
  open.push(made)
  const { rig } = made
  const remote = () => {
    if (rig.forge.remote === null) throw new Error("there is no other side")
    return rig.forge.remote
  }
  const deliver = async (id?: string) => {
    const project = await rig.commit({ ...file, "n.txt": crypto.randomUUID() }, id)
    const running = rig.start(project)
    await until(() => running.told.pipeline !== null || running.told.end !== null)
    gitlab.script(made.remote(project.id).remoteId).set("a", "success")
    const told = await running.done
    return { ...project, told }
  }
  const first = await deliver()
  const { remoteId } = made.remote(first.id)
  const api = (line: string, body?: unknown) => {
    const [method = "", path = ""] = line.split(" ")
    return call(gitlab, `${method} /projects/${remoteId}${path}`, body)
  }
  return { gitlab, ...made, link: () => made.remote(first.id), project: first, remoteId, remote, deliver, api }
}

describe("the hook", () => {
  const writes = (gitlab: GitLabDouble) =>
    gitlab.requests.filter(({ method, path }) => method !== "GET" && path.includes("/hooks")).length

  test("is only looked at while it is as it should be", async () => {
    const { gitlab, remote, project, link } = await start()
    expect([writes(gitlab), link().hook]).toEqual([1, expect.stringMatching(/^[0-9a-f]{64}$/)])
    await remote().watch(project.id, signal)
    expect(writes(gitlab)).toBe(1)
  })

  test.each([
    ["the secret", { settings: "new" }],
    ["the server's key", { secretKey: "another key that is long enough to be one" }],
    ["the address", { publicUrl: "http://127.0.0.1:8" }],
  ])("gets it when %s was changed: when it is looked at, and with the next version", async (_what, change) => {
    const { gitlab, remote, project, deliver, links, rig, link, api } = await start()
    const before = link().hook
    const settings = { url: gitlab.url, token: gitlab.token, group: gitlab.group.fullPath, webhookSecret: "settings" in change ? "another secret" : null } // prettier-ignore
    const other = await gitLabRig(gitlab, {
      ...("settings" in change ? {} : change),
      settings,
      links,
      repository: rig.repository,
    })
    open.push(other)
    const old = rig.forge
    rig.forge = other.rig.forge
    await remote().watch(project.id, signal)
    expect([writes(gitlab), link().hook === before]).toEqual([2, false])
    await remote().watch(project.id, signal)
    expect(writes(gitlab)).toBe(2)
    // What GitLab sends now is ours, and was not before.
    const hooks: { id: number }[] = (await api("GET /hooks")).body
    expect(hooks).toHaveLength(1)
    await expectSent(gitlab, (request) => {
      expect(rig.forge.remote?.verify(project.id, request)).toBe("genuine")
      if (!("publicUrl" in change)) expect(old.remote?.verify(project.id, request)).toBe("forged")
    })
    // Nobody looked, but a version comes.
    rig.forge = old
    await deliver(project.id)
    expect([writes(gitlab), link().hook]).toEqual([3, before])
    await deliver(project.id)
    expect(writes(gitlab)).toBe(3)
  })

  test("that is gone, off or without its token is repaired, and one that GitLab refuses is tried again", async () => {
    const { gitlab, remote, project, link } = await start()
    const hook = () => [...gitlab.world.hooks.values()]
    gitlab.world.hooks.clear()
    await remote().watch(project.id, signal)
    expect(hook()).toHaveLength(1)
    for (const spoil of [{ disabledForGood: true }, { token: null }]) {
      const [one] = hook()
      if (one === undefined) throw new Error("there is no hook")
      Object.assign(one, spoil)
      await remote().watch(project.id, signal)
      expect(hook()).toEqual([expect.objectContaining({ disabledForGood: false, token: expect.any(String) })])
    }
    gitlab.world.hooks.clear()
    gitlab.settings.localHooks = false
    await remote().watch(project.id, signal)
    expect([hook().length, link().hook]).toEqual([0, null])
    const words = expect.stringContaining("refuses to send messages")
    expect((await remote().check(signal)).warnings).toEqual([words])
    gitlab.settings.localHooks = true
    await remote().watch(project.id, signal)
    expect([hook().length, link().hook === null]).toEqual([1, false])
    expect((await remote().check(signal)).warnings).toEqual([])
  })

  test("what GitLab sends is known from what others send", async () => {
    const { gitlab, remote, project, deliver } = await start()
    const other = await deliver()
    await expectSent(gitlab, ({ headers, body }, projectId) => {
      expect(remote().verify(projectId, { headers, body })).toBe("genuine")
      expect(remote().verify(projectId === other.id ? project.id : other.id, { headers, body })).toBe("forged")
      const more = new Uint8Array([...body, 32])
      expect(remote().verify(projectId, { headers, body: more })).toBe("forged")
    })
    const empty = { headers: new Headers(), body: new Uint8Array() }
    expect(remote().verify(project.id, empty)).toBe("forged")
  })

  /** Looks at the newest message of each project. */
  async function expectSent(
    gitlab: GitLabDouble,
    look: (request: { headers: Headers; body: Uint8Array }, projectId: string) => void,
  ): Promise<void> {
    const receiver = await kit.receiver()
    for (const hook of gitlab.world.hooks.values()) {
      const [projectId = ""] = hook.url.split("/").slice(-1)
      const url = hook.url
      hook.url = `${receiver.url}/${projectId}`
      const before = receiver.got.length
      gitlab.script(hook.projectId).tell()
      await until(() => receiver.got.length > before)
      hook.url = url
      const sent = receiver.got.at(-1)
      if (sent === undefined) throw new Error("nothing was sent")
      look({ headers: sent.headers, body: new TextEncoder().encode(sent.body) }, projectId)
    }
  }
})

describe("the main branch", () => {
  /** As people rename it: a new one is made, made the default, and the old one is removed. */
  async function rename({ api }: Awaited<ReturnType<typeof start>>, { removes = true } = {}) {
    expect(await api("POST /repository/branches", { branch: "trunk", ref: "main" })).toMatchObject({ status: 201 })
    expect(await api("PUT", { default_branch: "trunk" })).toMatchObject({ status: 200 })
    if (removes) expect(await api("DELETE /repository/branches/main")).toMatchObject({ status: 204 })
  }
  const branches = async ({ api }: Awaited<ReturnType<typeof start>>): Promise<string[]> =>
    (await api("GET /repository/branches")).body.map(({ name }: { name: string }) => name)

  test("that was renamed in GitLab is followed by the next version, and none of the old name comes to be", async () => {
    const made = await start()
    await rename(made)
    const next = await made.deliver(made.project.id)
    expect(next.told.status).toBe("success")
    expect(await branches(made)).toEqual(["trunk"])
    expect(made.link()).toMatchObject({ branch: "trunk", head: next.sha })
    expect(next.told.of("pipeline").at(-1)?.branch).toBe("trunk")
  })

  test("renamed while others worked on it: their commits come first", async () => {
    const made = await start()
    await rename(made)
    const theirs = await made.gitlab.commit(made.remoteId, { "theirs.txt": "x" })
    const next = await made.rig.commit({ ...file, "ours.txt": "y" }, made.project.id)
    expect((await made.rig.run(next)).told.events).toEqual([{ type: "moved", head: theirs }])
    expect(await branches(made)).toEqual(["trunk"])
    expect(await made.remote().fetch(made.project.id, signal)).toBe(theirs)
  })

  test("renamed, with nothing to push: it is followed there, too; and when somebody only looks", async () => {
    const made = await start()
    await rename(made)
    expect(await made.remote().fetch(made.project.id, signal)).toBe(made.project.sha)
    expect(made.link()).toMatchObject({ branch: "trunk", head: made.project.sha })
    await made.api("POST /repository/branches", { branch: "stem", ref: "trunk" })
    await made.api("PUT", { default_branch: "stem" })
    await made.api("DELETE /repository/branches/trunk")
    await made.gitlab.settled()
    const running = made.rig.start(made.project, { attempt: "resumed" })
    await until(() => running.told.pipeline !== null)
    made.gitlab.script(made.remoteId).set("a", "success")
    expect((await running.done).status).toBe("success")
    expect([made.link().branch, await branches(made)]).toEqual(["stem", ["stem"]])
  })

  test("of another name beside ours changes nothing", async () => {
    const made = await start()
    await rename(made, { removes: false })
    const next = await made.deliver(made.project.id)
    expect(next.told.status).toBe("success")
    expect([made.link().branch, await made.gitlab.head(made.remoteId, "main")]).toEqual(["main", next.sha])
    expect(await made.gitlab.head(made.remoteId, "trunk")).toBe(made.project.sha)
    // Also where nothing is pushed, so that it is looked whether the project is there at all.
    const again = await made.rig.run(next, { attempt: "resumed" })
    expect([again.told.status, made.link().branch]).toEqual(["success", "main"])
  })

  test("a merge request goes to the one of the new name", async () => {
    const made = await start()
    await rename(made)
    const next = await made.rig.commit({ ...file, "b.txt": "b" }, made.project.id)
    const running = made.rig.start(next, { mergeRequest: { title: "Add b", description: "" } })
    await until(() => running.told.pipeline !== null)
    made.gitlab.script(made.remoteId).set("a", "success")
    expect((await running.done).status).toBe("success")
    expect(made.gitlab.project(made.remoteId).mergeRequests).toMatchObject([{ targetBranch: "trunk" }])
    expect((await branches(made)).filter((name) => !name.startsWith("gochat/"))).toEqual(["trunk"])
  })
})

test("a new title is given there, and the address stays", async () => {
  const { gitlab, remote, project, remoteId, link } = await start()
  const { path } = link()
  await remote().rename(project.id, "Märkte & more", signal)
  expect(gitlab.project(remoteId).name).toBe("Märkte more")
  expect(link()).toMatchObject({ title: "Märkte & more", path })
  await remote().rename(crypto.randomUUID(), "nobody's", signal)
})

test("a project that was renamed or moved in GitLab is found again, by versions and by who looks", async () => {
  const { gitlab, api, remote, project, remoteId, deliver, link } = await start()
  expect(await api("PUT", { path: "market", name: "Market" })).toMatchObject({ status: 200 })
  const next = await deliver(project.id)
  expect(next.told.status).toBe("success")
  expect(link()).toMatchObject({ remoteId, path: "go-chat/market", webUrl: `${gitlab.url}/go-chat/market` })
  await api("PUT", { path: "bazaar" })
  expect(await remote().fetch(project.id, signal)).toBe(next.sha)
  expect(link().cloneUrl).toBe(`${gitlab.url}/go-chat/bazaar.git`)
  expect(gitlab.world.projects.size).toBe(1)
})

test("who looks at a project that is away, or gone, hears of git's trouble only", async () => {
  const { gitlab, api, remote, project } = await start({ delayedDeletion: false })
  const fetched = () =>
    remote()
      .fetch(project.id, signal)
      .catch((error: unknown) => error)
  await api("PUT", { path: "market" })
  gitlab.trouble({ method: "GET", path: /api\/v4/, times: 2, trouble: { kind: "html", status: 503 } })
  expect(await fetched()).toBeInstanceOf(RemoteGitError)
  gitlab.calm()
  await gitlab.away()
  expect(await fetched()).toMatchObject({ kind: "away" })
  await gitlab.back()
  await api("DELETE")
  await gitlab.settled()
  expect(await fetched()).toMatchObject({ kind: "missing" })
  expect(gitlab.world.projects.size).toBe(0)
})

test("what is wrong with the set-up is said", async () => {
  const { gitlab, remote } = await start()
  expect(await remote().check(signal)).toMatchObject({ problems: [], warnings: [] })
  const [token] = gitlab.world.tokens
  if (token === undefined) throw new Error("there is no token")
  token.scopes = ["read_api"]
  expect((await remote().check(signal)).problems).toEqual([expect.stringContaining("scope “api”")])
  token.scopes = ["api"]
  await gitlab.away()
  expect((await remote().check(signal)).problems).toEqual([expect.stringContaining(gitlab.url)])
  await gitlab.back()
})

test("how pipelines and merge requests are, also of those that are not there", async () => {
  const { gitlab, remote, project, remoteId } = await start()
  const [pipeline] = gitlab.pipelines(remoteId)
  expect(await remote().pipelineStatus(project.id, pipeline?.id ?? 0, signal)).toBe("success")
  expect(await remote().pipelineStatus(project.id, 999_999, signal)).toBeNull()
  expect(await remote().pipelineStatus(crypto.randomUUID(), 1, signal)).toBeNull()
  expect(await remote().mergeRequest(project.id, signal)).toBeNull()
})

test("where its images go to is what GitLab says of the project", async () => {
  const { gitlab, remote, project, link, deliver, rig, remoteId } = await start({ registry })
  const images = `registry.here:5000/${link().path}`
  expect(link().images).toBe(images)
  const jobs = "a: { script: ['true'] }\ndeploy: { stage: deploy, script: ['true'], allow_failure: true }\n"
  const next = await rig.commit({ ".gitlab-ci.yml": jobs }, project.id)
  const running = rig.start(next)
  await until(() => running.told.pipeline !== null)
  gitlab.script(remoteId).set("a", "success").set("deploy", "success")
  expect((await running.done).end).toMatchObject({ status: "success", image: `${images}:${next.sha}` })
  expect((await deliver(project.id)).told.end).toMatchObject({ status: "success", image: null })
  expect(remote().url).toBe(gitlab.url)
})
