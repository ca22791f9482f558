import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import type { GitLabDouble } from "../../../testing/gitlab/double.ts"
import { gitLabRig, type GitLabRig } from "../../../testing/gitlab/forge.ts"
import { Kit } from "../../../testing/gitlab/kit.ts"
import type { Settings } from "../../../testing/gitlab/world.ts"
import { until } from "../../../testing/until.ts"
import { left } from "../port.ts"
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

async function start(settings: Partial<Settings> = {}, more: Partial<GitLabForgeOptions> = {}) {
  const gitlab = await kit.gitlab({ pipelines: "scripted", ...settings })
  started.push(gitlab)
  const made = await gitLabRig(gitlab, more)
  open.push(made)
  return { gitlab, ...made }
}

type GitLabParts = Pick<GitLabRig, "remote" | "links">

/** Lets the newest pipeline of a project end well. */
async function finish(gitlab: GitLabDouble, { links, remote }: GitLabParts, projectId: string): Promise<void> {
  await until(() => links.links.has(projectId))
  const { remoteId } = remote(projectId)
  await until(() => gitlab.pipelines(remoteId)[0]?.status !== "success" && gitlab.pipelines(remoteId).length > 0)
  gitlab.script(remoteId).set("a", "success")
}

test("the project is made once, private, with a hook; what is told leads to the pipeline", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  const running = rig.start(project)
  await finish(gitlab, made, project.id)
  await running.done
  const link = made.remote(project.id)
  expect(link).toMatchObject({ head: project.sha, branch: "main", title: "Shop", mergeRequest: null, images: null })
  const remote = gitlab.project(link.remoteId)
  expect(remote).toMatchObject({ visibility: "private", autoDevOps: false })
  expect(remote.settings).toMatchObject({ squash_option: "never", only_allow_merge_if_pipeline_succeeds: true })
  expect(remote.description).toContain("Sells.\n\nhttp://here/p")
  const [hook] = gitlab.world.hooks.values()
  expect(hook).toMatchObject({ projectId: remote.id, url: `http://127.0.0.1:9/webhooks/gitlab/${project.id}` })
  const [pipeline] = gitlab.pipelines(remote.id)
  expect(running.told.of("pipeline").at(-1)).toMatchObject({ number: pipeline?.id, branch: "main", webUrl: `${link.webUrl}/-/pipelines/${pipeline?.id}` }) // prettier-ignore
  expect(running.told.end).toEqual({ type: "finished", status: "success", error: null, image: null })
  // Told again it is only looked at: nothing is pushed, and there is no second pipeline.
  expect((await rig.run(project, { attempt: "first" })).told.status).toBe("success")
  expect([gitlab.pipelines(remote.id).length, gitlab.world.projects.size]).toEqual([1, 1])
})

test("a hook that GitLab refuses is no reason to fail", async () => {
  const { gitlab, rig, ...made } = await start({ localHooks: false })
  const project = await rig.commit(file)
  const running = rig.start(project)
  await finish(gitlab, made, project.id)
  expect((await running.done).status).toBe("success")
  expect(gitlab.world.hooks.size).toBe(0)
})

test("every state of the thirteen is told of the pipeline, and none that is an end before the end", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  const { told, done } = rig.start(project)
  await until(() => told.pipeline !== null)
  const script = gitlab.script(made.remote(project.id).remoteId)
  const moving = ["waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running", "canceling", "scheduled"] as const // prettier-ignore
  for (const status of moving) {
    script.set("a", status === "canceling" ? "canceling" : "running").setStatus(status)
    await until(() => told.of("pipeline").at(-1)?.status === status)
    expect(told.end).toBeNull()
  }
  script.set("a", "success")
  expect((await done).status).toBe("success")
  for (const status of ["failed", "canceled", "skipped", "manual"] as const) {
    script.set("a", status)
    expect((await rig.run(project, { attempt: "resumed" })).told.status).toBe(status)
  }
})

test("GitLab away before the push and while following: it waits, says so once, and goes on", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  await gitlab.away()
  const { told, done } = rig.start(project)
  await until(() => told.of("waiting").length > 0)
  expect(told.of("waiting")).toEqual([{ type: "waiting", words: expect.stringContaining("GitLab does not answer") }])
  await gitlab.back()
  await until(() => told.pipeline !== null)
  expect(told.of("waiting").at(-1)?.words).toBeNull()
  const before = told.of("waiting").length
  await gitlab.away()
  await until(() => told.of("waiting").length > before)
  await gitlab.back()
  await finish(gitlab, made, project.id)
  expect((await done).status).toBe("success")
  expect(told.of("waiting").map(({ words }) => words !== null)).toEqual([true, false, true, false])
  expect(gitlab.world.projects.size).toBe(1)
})

test("away in the middle of a push, and when its answer is lost: it is pushed once", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  gitlab.trouble({ method: "POST", path: /git-receive-pack/, trouble: { kind: "html", status: 502 } })
  gitlab.trouble({ method: "POST", path: /\/projects$/, trouble: { kind: "lost" } })
  gitlab.trouble({ method: "POST", path: /hooks/, trouble: { kind: "html", status: 503 } })
  const { told, done } = rig.start(project)
  await finish(gitlab, made, project.id)
  expect((await done).status).toBe("success")
  expect(told.of("waiting").length).toBeGreaterThan(0)
  const link = made.remote(project.id)
  expect([gitlab.pipelines(link.remoteId).length, gitlab.world.projects.size, gitlab.world.hooks.size]).toEqual([1, 1, 1]) // prettier-ignore
  const next = await rig.commit({ ...file, "b.txt": "b" }, project.id)
  gitlab.trouble({ method: "POST", path: /git-receive-pack/, trouble: { kind: "lost" } })
  const second = rig.start(next)
  await until(() => gitlab.pipelines(link.remoteId).length === 2)
  gitlab.script(link.remoteId).set("a", "success")
  expect((await second.done).status).toBe("success")
  expect(made.remote(project.id).head).toBe(next.sha)
})

test("commits of others: the version is not delivered, and it says where the branch is", async () => {
  const { gitlab, rig, ...made } = await start()
  const first = await rig.commit(file)
  const one = rig.start(first)
  await finish(gitlab, made, first.id)
  await one.done
  const { remoteId } = made.remote(first.id)
  const theirs = await gitlab.commit(remoteId, { "theirs.txt": "x" })
  const second = await rig.commit({ ...file, "ours.txt": "y" }, first.id)
  expect((await rig.run(second)).told.events).toEqual([{ type: "moved", head: theirs }])
  expect(made.remote(first.id).head).toBe(theirs)
  // Said again with what is known by now: the same.
  expect((await rig.run(second)).told.events).toEqual([{ type: "moved", head: theirs }])
  expect(await gitlab.head(remoteId)).toBe(theirs)
  // Joined it goes on.
  await rig.repository.merge(first.id, { ours: second.sha, theirs, message: "join", author: { name: "a", email: "a@b.c" } }) // prettier-ignore
  const joined = { id: first.id, sha: (await rig.repository.head(first.id)) ?? "" }
  const three = rig.start(joined)
  await until(() => gitlab.pipelines(remoteId)[0]?.sha === joined.sha)
  gitlab.script(remoteId).set("a", "success")
  expect((await three.done).status).toBe("success")
})

test("a version that an outside branch holds already is followed there", async () => {
  const { gitlab, rig, ...made } = await start()
  const first = await rig.commit(file)
  const one = rig.start(first)
  await finish(gitlab, made, first.id)
  await one.done
  const { remoteId } = made.remote(first.id)
  const theirs = await gitlab.commit(remoteId, { "theirs.txt": "x" })
  await until(() => gitlab.pipelines(remoteId).length === 2)
  expect(await rig.forge.remote?.fetch(first.id, new AbortController().signal)).toBe(theirs)
  await rig.repository.advance(first.id, { from: first.sha, to: theirs })
  const two = rig.start({ id: first.id, sha: theirs })
  gitlab.script(remoteId).set("a", "success")
  expect((await two.done).status).toBe("success")
  expect(gitlab.pipelines(remoteId)).toHaveLength(2)
})

test("a token that expired is said in words, waited for, and not for ever", async () => {
  const { gitlab, rig } = await start({}, { timing: { patience: { refusedMs: 150 } } })
  const refused = { kind: "status", status: 401, body: { message: "401 Unauthorized" } } as const
  gitlab.trouble({ times: 10_000, trouble: refused })
  const { told } = await rig.run(await rig.commit(file))
  expect(told.of("waiting")[0]?.words).toContain("access token")
  expect([told.status, told.error]).toEqual(["failed", expect.stringContaining("access token")])
  expect(await rig.forge.health()).toBe("unhealthy")
  gitlab.calm()
})

test("a token that is renewed in time: it goes on", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  gitlab.trouble({ times: 4, trouble: { kind: "status", status: 401, body: { message: "401 Unauthorized" } } })
  const { done } = rig.start(project)
  await finish(gitlab, made, project.id)
  expect((await done).status).toBe("success")
})

test("a project that was deleted in GitLab is made anew with everything", async () => {
  for (const version of [17, 19]) {
    const { gitlab, rig, ...made } = await start({ version })
    const first = await rig.commit(file)
    const one = rig.start(first)
    await finish(gitlab, made, first.id)
    await one.done
    const before = made.remote(first.id)
    await fetch(`${gitlab.url}/api/v4/projects/${before.remoteId}`, { method: "DELETE", headers: { authorization: `Bearer ${gitlab.token}` } }) // prettier-ignore
    await gitlab.settled()
    // Tried again without anything to push, and with a new version.
    const again = rig.start(first)
    await until(() => made.remote(first.id).remoteId !== before.remoteId)
    await finish(gitlab, made, first.id)
    expect((await again.done).status).toBe("success")
    const after = made.remote(first.id)
    await fetch(`${gitlab.url}/api/v4/projects/${after.remoteId}`, { method: "DELETE", headers: { authorization: `Bearer ${gitlab.token}` } }) // prettier-ignore
    await gitlab.settled()
    const next = await rig.commit({ ...file, "b.txt": "b" }, first.id)
    const two = rig.start(next)
    await until(() => made.remote(first.id).remoteId !== after.remoteId)
    await finish(gitlab, made, first.id)
    expect((await two.done).status).toBe("success")
    expect(await gitlab.head(made.remote(first.id).remoteId)).toBe(next.sha)
  }
})

test("a server that stops at any moment: the next one comes to the one end", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  for (const moment of ["hooks", "git-receive-pack", "pipelines"]) {
    const running = rig.start(project, { attempt: "resumed" })
    await until(() => gitlab.requests.some(({ path }) => path.includes(moment)))
    running.stop(left)
    expect((await running.done).end).toBeNull()
    made.again()
  }
  const last = rig.start(project, { attempt: "resumed" })
  await finish(gitlab, made, project.id)
  expect((await last.done).status).toBe("success")
  const { remoteId } = made.remote(project.id)
  expect([gitlab.world.projects.size, gitlab.pipelines(remoteId).length, gitlab.world.hooks.size]).toEqual([1, 1, 1])
  expect(gitlab.requests.some(({ path }) => path.endsWith("/cancel"))).toBe(false)
})

test("again is told only after it was done, so that a stop in between repeats it", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  const first = rig.start(project)
  await until(() => first.told.pipeline !== null)
  const { remoteId } = made.remote(project.id)
  gitlab.script(remoteId).set("a", "running").set("a", "failed", { log: "error: no\n" })
  expect((await first.done).error).toBe("error: no")
  gitlab.trouble({ method: "POST", path: /retry/, times: 3, trouble: { kind: "html", status: 503 } })
  const again = rig.start(project, { attempt: "again" })
  await until(() => again.told.of("waiting").length > 0)
  expect(again.told.of("pipeline")).toEqual([])
  again.stop(left)
  await again.done
  gitlab.calm()
  const last = rig.start(project, { attempt: "again" })
  await until(() => last.told.pipeline !== null)
  gitlab.script(remoteId).set("a", "running").set("a", "success")
  expect((await last.done).status).toBe("success")
})

test("canceled before anything is there, and after the push", async () => {
  const { gitlab, rig, ...made } = await start()
  await gitlab.away()
  const early = rig.start(await rig.commit(file))
  await until(() => early.told.of("waiting").length > 0)
  early.stop()
  expect((await early.done).status).toBe("canceled")
  await gitlab.back()
  const project = await rig.commit(file)
  gitlab.settings.pipelineDelayMs = 300
  const running = rig.start(project)
  await until(() => gitlab.requests.some(({ method, path }) => method === "POST" && path.includes("git-receive-pack")))
  running.stop()
  expect((await running.done).status).toBe("canceled")
  await gitlab.settled()
  expect(gitlab.pipelines(made.remote(project.id).remoteId).map(({ status }) => status)).toEqual(["canceled"])
})

test("removed here: remembered first, then removed there; later when GitLab is away; a late project is none", async () => {
  const { gitlab, rig, ...made } = await start()
  const { links } = made
  const project = await rig.commit(file)
  const one = rig.start(project)
  await finish(gitlab, made, project.id)
  await one.done
  const { remoteId } = made.remote(project.id)
  await gitlab.away()
  await rig.forge.removeProject(project.id)
  expect([...links.leftovers]).toEqual([remoteId])
  await gitlab.back()
  await rig.forge.remote?.removeLeftover(remoteId, new AbortController().signal)
  expect(links.leftovers.size).toBe(0)
  await gitlab.settled()
  expect(gitlab.world.projects.has(remoteId)).toBe(false)

  const other = await rig.commit(file)
  gitlab.trouble({ method: "POST", path: /hooks/, trouble: { kind: "slow", ms: 200 } })
  const late = rig.start(other)
  await until(() => gitlab.world.projects.size > 0)
  links.gone.add(other.id)
  expect((await late.done).status).toBe("canceled")
  await gitlab.settled()
  expect([gitlab.world.projects.size, links.leftovers.size]).toEqual([0, 0])
})

test("a green version whose deploy job made an image names it; else there is none", async () => {
  const { gitlab, rig, ...made } = await start()
  const project = await rig.commit(file)
  const one = rig.start(project)
  await finish(gitlab, made, project.id)
  await one.done
  const { remoteId } = made.remote(project.id)
  made.links.links.set(project.id, { ...made.remote(project.id), images: "registry.here:5000/go-chat/shop" })
  const jobs = "a: { script: ['true'] }\ndeploy: { stage: deploy, script: ['true'], allow_failure: true }\n"
  for (const [number, ends] of (["success", "failed", "skipped"] as const).entries()) {
    const { sha } = await rig.commit({ ".gitlab-ci.yml": jobs, "n.txt": `${number}` }, project.id)
    const running = rig.start({ id: project.id, sha })
    await until(() => running.told.pipeline !== null)
    gitlab.script(remoteId).set("a", "success").set("deploy", ends)
    expect((await running.done).end).toMatchObject({
      status: "success",
      image: ends === "success" ? `registry.here:5000/go-chat/shop:${sha}` : null,
    })
  }
})
