import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import type { GitLabDouble } from "../../../testing/gitlab/double.ts"
import type { Committed } from "../../../testing/forge-rig.ts"
import { gitLabRig, type GitLabRig } from "../../../testing/gitlab/forge.ts"
import { Kit } from "../../../testing/gitlab/kit.ts"
import { until } from "../../../testing/until.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
let gitlab: GitLabDouble
let made: GitLabRig
afterEach(async () => {
  await gitlab.settled()
  expect(gitlab.violations).toEqual([])
  await made[Symbol.asyncDispose]()
  await kit.close()
})

const file = { ".gitlab-ci.yml": "a: { script: ['true'] }\n" }
const { signal } = new AbortController()
const mergeRequest = { title: "Add a search", description: "Please add a search.\n/merge\n  /approve\nRun: 1" }

/** A version by way of a merge request, to its green end. */
async function deliver(version: Committed): Promise<string | null> {
  const running = made.rig.start(version, { mergeRequest })
  await until(() => running.told.pipeline !== null)
  const number = running.told.pipeline ?? 0
  gitlab.script(made.remote(version.id).remoteId, number).set("a", "success")
  expect((await running.done).status).toBe("success")
  return running.told.of("pipeline").at(-1)?.branch ?? null
}

async function start() {
  gitlab = await kit.gitlab({ pipelines: "scripted" })
  made = await gitLabRig(gitlab)
  const first = await made.rig.commit(file)
  let count = 0
  const next = () => made.rig.commit({ ...file, [`${++count}.txt`]: "x" }, first.id)
  expect(await deliver(first)).toBe("main")
  const { remoteId } = made.remote(first.id)
  return { first, next, remoteId, requests: gitlab.project(remoteId).mergeRequests }
}

const short = ({ sha }: Committed) => `gochat/${sha.slice(0, 8)}`

test("the first version goes to main; the next ones share a merge request until it is merged", async () => {
  const { first, next, remoteId, requests } = await start()
  const second = await next()
  expect(await deliver(second)).toBe(short(second))
  const link = made.remote(first.id)
  expect(link.mergeRequest).toEqual({ number: 1, branch: short(second), state: "opened", webUrl: `${link.webUrl}/-/merge_requests/1` }) // prettier-ignore
  expect(requests[0]).toMatchObject({ title: "Add a search", targetBranch: "main", removeSourceBranch: true })
  // What begins with a slash would be a command to GitLab.
  expect(requests[0]?.description).toBe("Please add a search.\n\\/merge\n  \\/approve\nRun: 1")
  const more = await next()
  expect(await deliver(more)).toBe(short(second))
  expect([requests.length, await gitlab.head(remoteId, short(second)), await gitlab.head(remoteId)]).toEqual([1, more.sha, first.sha]) // prettier-ignore

  const merged = await gitlab.merge(remoteId, 1)
  expect((await made.rig.forge.remote?.mergeRequest(first.id, signal))?.state).toBe("merged")
  expect(made.remote(first.id).mergeRequest?.state).toBe("merged")
  // A build that nobody followed meanwhile finds its pipeline although its branch is gone.
  expect((await made.rig.run(more, { mergeRequest, attempt: "resumed" })).told.status).toBe("success")
  expect(await made.rig.forge.remote?.fetch(first.id, signal)).toBe(merged)
  await made.rig.repository.advance(first.id, { from: more.sha, to: merged })
  const later = await next()
  expect(await deliver(later)).toBe(short(later))
  expect(made.remote(first.id).mergeRequest).toMatchObject({ number: 2, state: "opened" })
})

test("one that was closed is left closed: the next version opens a new one", async () => {
  const { next, requests, first } = await start()
  const second = await next()
  await deliver(second)
  Object.assign(requests[0] ?? {}, { state: "closed" })
  // The same version again does not open it against the person's will.
  expect((await made.rig.run(second, { mergeRequest, attempt: "resumed" })).told.status).toBe("success")
  expect(requests).toHaveLength(1)
  const third = await next()
  expect(await deliver(third)).toBe(short(third))
  expect(made.remote(first.id).mergeRequest).toMatchObject({ number: 2, state: "opened" })
})

test("an answer that is lost does not open a second one, nor does a stop in between", async () => {
  const { next, requests, first } = await start()
  for (const kind of ["lost", "cut", "html"] as const) {
    const number = requests.length + 1
    gitlab.trouble({ method: "POST", path: /merge_requests/, trouble: { kind } })
    const version = await next()
    expect(await deliver(version)).toBe(short(version))
    expect([kind, requests.length, made.remote(first.id).mergeRequest?.number]).toEqual([kind, number, number])
    Object.assign(requests.at(-1) ?? {}, { state: "closed" })
  }
})

test("somebody else's commits on the branch stay: the version gets a branch of its own", async () => {
  const { next, requests, remoteId } = await start()
  const second = await next()
  await deliver(second)
  const theirs = await gitlab.commit(remoteId, { "theirs.txt": "x" }, { branch: short(second) })
  const third = await next()
  expect(await deliver(third)).toBe(short(third))
  expect([requests.length, await gitlab.head(remoteId, short(second))]).toEqual([2, theirs])
})
