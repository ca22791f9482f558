import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { buildStatus } from "../../../../shared/build.ts"
import type { GitLabDouble } from "../../../testing/gitlab/double.ts"
import { greenChecks, Kit } from "../../../testing/gitlab/kit.ts"
import type { Settings } from "../../../testing/gitlab/world.ts"
import { until } from "../../../testing/until.ts"
import { left, type PipelineEvent, type PipelineJob } from "../port.ts"
import { createGitLabClient } from "./client.ts"
import { followPipeline } from "./follow.ts"
import type { FollowInput } from "./follow-input.ts"
import { remoteJobOf } from "./jobs-id.ts"

setDefaultTimeout(10_000)
const kit = new Kit()
const open: AbortController[] = []
const started: GitLabDouble[] = []
afterEach(async () => {
  for (const controller of open.splice(0)) controller.abort(left)
  await kit.close()
  // Every request was one that GitLab's documents know.
  expect(started.splice(0).flatMap(({ violations }) => violations)).toEqual([])
})

const timing = { firstMs: 15, longestMs: 60, leastMs: 2, cancelMs: 3_000 }

/** Takes events as a build's record does: refuses what that could not write down. */
class Record {
  readonly events: PipelineEvent[] = []
  readonly states: string[] = []
  jobs: PipelineJob[] = []
  readonly logs = new Map<string, string>()
  end: Extract<PipelineEvent, { type: "finished" }> | null = null

  take(event: PipelineEvent): void {
    if (this.end !== null) throw new Error("told after the end")
    this.events.push(event)
    if (event.type === "planned") {
      const before = this.jobs
      this.jobs = event.jobs.map((job) => ({ ...job, status: before.find(({ id }) => id === job.id)?.status ?? job.status })) // prettier-ignore
      for (const id of this.logs.keys()) if (!this.jobs.some((job) => job.id === id)) this.logs.delete(id)
    } else if (event.type === "finished") this.end = event
    else if (event.type === "pipeline" || event.type === "waiting" || event.type === "moved") return
    else {
      const job = this.jobs.find(({ id }) => id === event.jobId)
      if (job === undefined) throw new Error("a job that was not planned")
      if (event.type === "log") this.logs.set(job.id, (this.logs.get(job.id) ?? "") + event.text)
      else {
        this.states.push(`${job.name} ${event.status}`)
        Object.assign(job, { status: event.status, allowFailure: event.allowFailure })
      }
    }
  }

  log(name: string): string {
    return this.logs.get(this.jobs.find((job) => job.name === name)?.id ?? "") ?? ""
  }

  status(name: string): string | undefined {
    return this.jobs.find((job) => job.name === name)?.status
  }
}

function follow(gitlab: GitLabDouble, at: { id: number; sha: string }, more: Partial<FollowInput> = {}) {
  const client = createGitLabClient({ url: gitlab.url, token: gitlab.token, pauseMs: 5, perMinute: 100_000, timeoutMs: 1_000 }) // prettier-ignore
  const controller = new AbortController()
  open.push(controller)
  started.push(gitlab)
  const record = new Record()
  const input = { remoteId: at.id, sha: at.sha, ref: "main", hint: () => new Promise<void>(() => {}), signal: controller.signal } // prettier-ignore
  const all = { ...input, ...more, timing: { ...timing, ...more.timing } }
  const done = (async () => {
    for await (const event of followPipeline(client, all)) record.take(event)
    return record
  })()
  return { record, done, abort: (reason?: unknown) => controller.abort(reason) }
}

const yaml = "a: { script: ['true'] }\nb: { stage: deploy, script: ['true'] }\n"
async function scripted(options: Partial<Settings> = {}, file: string | null = yaml) {
  const gitlab = await kit.gitlab(options)
  const files: { [path: string]: string } = file === null ? { "a.txt": "a" } : { ".gitlab-ci.yml": file }
  const { id } = await gitlab.createProject({ path: "shop", pipelines: "scripted", files })
  await gitlab.settled()
  const sha = (await gitlab.head(id)) ?? ""
  return { gitlab, at: { id, sha } }
}

test("a pipeline with a runner is told to its green end", async () => {
  const gitlab = await kit.gitlab()
  const { id } = await gitlab.createProject({ path: "shop", files: { ".gitlab-ci.yml": greenChecks } })
  const sha = (await gitlab.head(id)) ?? ""
  const record = await follow(gitlab, { id, sha }).done
  expect(record.end).toEqual({ type: "finished", status: "success", error: null })
  expect(record.jobs.map(({ name, stage, status }) => `${name} ${stage} ${status}`)).toEqual(["make build success", "check test success"]) // prettier-ignore
  expect(record.states.filter((line) => line.endsWith("running"))).toEqual(["make running", "check running"])
  expect(record.log("check")).toContain("hello")
  expect(record.log("check")).not.toContain("section_")
  expect(gitlab.violations).toEqual([])
})

test("each of the thirteen states is told, and only an end ends it", async () => {
  const { gitlab, at } = await scripted({}, "a: { script: ['true'] }\n")
  const script = gitlab.script(at.id)
  const { record, done } = follow(gitlab, at)
  const moving = buildStatus.options.filter((status) => !["manual", "success", "failed", "canceled", "skipped", "created"].includes(status)) // prettier-ignore
  for (const status of moving) {
    script.set("a", status)
    await until(() => record.status("a") === status, 2_000)
    expect(record.end).toBeNull()
  }
  script.set("a", "success")
  expect((await done).end?.status).toBe("success")
  for (const status of ["failed", "canceled", "skipped", "manual"] as const) {
    script.set("a", status)
    const again = await follow(gitlab, at).done
    expect([again.end?.status, again.status("a")]).toEqual([status, status])
  }
})

test("hints wake it, lost ones do not matter, and however many come the pace is kept", async () => {
  const { gitlab, at } = await scripted()
  const script = gitlab.script(at.id)
  let wake = () => {}
  const hint = () => new Promise<void>((resolve) => (wake = resolve))
  const slow = { firstMs: 60_000, longestMs: 60_000, leastMs: 50 }
  const { record, done } = follow(gitlab, at, { hint, timing: slow })
  await until(() => record.jobs.length === 2)
  const before = gitlab.requests.length
  script.set("a", "running", { log: "one\n" })
  const storm = setInterval(() => wake(), 1)
  await until(() => record.status("a") === "running")
  const start = performance.now()
  await Bun.sleep(300)
  expect(gitlab.requests.length - before).toBeLessThan(((performance.now() - start) / 50 + 6) * 4)
  script.set("a", "success").set("b", "success")
  expect((await done).end?.status).toBe("success")
  clearInterval(storm)
})

test("a GitLab that stumbles changes nothing of what is told", async () => {
  const { gitlab, at } = await scripted()
  const script = gitlab.script(at.id)
  const { record, done } = follow(gitlab, at)
  gitlab.trouble({ path: /pipelines/, times: 6, trouble: { kind: "html", status: 502 } })
  gitlab.trouble({ path: /pipelines/, times: 2, trouble: { kind: "limited" } })
  gitlab.trouble({ path: /pipelines/, times: 1, trouble: { kind: "throttled", seconds: 0 } })
  await until(() => record.jobs.length === 2)
  script.set("a", "running", { log: "one\n" })
  gitlab.trouble({ path: /trace/, times: 2, trouble: { kind: "cut" } })
  gitlab.trouble({ path: /trace/, times: 2, trouble: { kind: "slow", ms: 50 } })
  await until(() => record.log("a").includes("one"))
  await gitlab.away()
  script.log("a", "two\n")
  await Bun.sleep(80)
  await gitlab.back()
  script.log("a", "three\n").set("a", "success").set("b", "running").set("b", "success", { log: "b\n" })
  expect((await done).end).toEqual({ type: "finished", status: "success", error: null })
  expect([record.log("a"), record.log("b")]).toEqual(["one\ntwo\nthree\n", "b\n"])
})

test("followed anew after a stop it comes to the same end, and a stop cancels nothing", async () => {
  const { gitlab, at } = await scripted()
  const script = gitlab.script(at.id)
  const first = follow(gitlab, at)
  script.set("a", "running", { log: "one\n" })
  await until(() => first.record.status("a") === "running")
  first.abort(left)
  expect((await first.done).end).toBeNull()
  expect(gitlab.requests.some(({ method }) => method === "POST")).toBe(false)
  script.log("a", "two\n").set("a", "success").set("b", "running")
  const { record, done } = follow(gitlab, at)
  script.set("b", "failed", { log: "error: no such host\n" })
  expect((await done).end).toEqual({ type: "finished", status: "failed", error: "error: no such host" })
  expect(record.states).toEqual(["a running", "a success", "b running", "b failed"])
  expect(record.log("a")).toBe("one\ntwo\n")
  expect(record.jobs.map(({ id }) => remoteJobOf(id))).toEqual(script.pipeline.jobs.map(({ id }) => id))
  const ids = first.record.jobs.map(({ id }) => id)
  expect(record.jobs.some(({ id }) => ids.includes(id))).toBe(false)
})

test("a job that somebody runs again in GitLab takes the place of the one before", async () => {
  const { gitlab, at } = await scripted({ firstId: 2 ** 33 })
  const script = gitlab.script(at.id)
  const { record, done } = follow(gitlab, at)
  script.set("a", "running").set("b", "running").set("a", "failed", { log: "broken\n" })
  await until(() => record.status("a") === "failed")
  const [before] = record.jobs
  gitlab.world.engine.retry(gitlab.project(at.id), script.pipeline, script.job("a"))
  await until(() => record.jobs[0]?.id !== before?.id)
  script.set("a", "running").set("a", "success", { log: "fine\n" }).set("b", "success")
  expect((await done).end?.status).toBe("success")
  expect(record.jobs.map(({ name }) => name)).toEqual(["a", "b"])
  expect(record.log("a")).toBe("fine\n")
})

test("a person runs again what failed; what is kept stays as it is, and a manual job begins", async () => {
  const { gitlab, at } = await scripted({}, `${yaml}c: { stage: deploy, when: manual, allow_failure: false, script: ['true'] }\n`) // prettier-ignore
  const script = gitlab.script(at.id)
  script.set("a", "running").set("a", "success", { log: "a\n" }).set("b", "running")
  script.set("b", "failed", { log: "error: b\n" }).set("c", "manual")
  const { record: first, done: over } = follow(gitlab, at)
  expect((await over).end).toMatchObject({ status: "manual" })
  const keep = first.jobs.filter(({ name }) => name === "a")
  const { record, done } = follow(gitlab, at, { again: { keep, play: ["c"] } })
  await until(() => record.status("c") === "pending")
  script.set("b", "running").set("b", "success", { log: "b\n" }).set("c", "running").set("c", "success")
  expect((await done).end?.status).toBe("success")
  expect(record.jobs[0]?.id).toBe(keep[0]?.id ?? "")
  expect(record.states.some((line) => line.startsWith("a "))).toBe(false)
  expect([record.log("a"), record.log("b")]).toEqual(["", "b\n"])
  const posts = gitlab.requests.filter(({ method }) => method === "POST").map(({ path }) => path.split("/").at(-1))
  expect(new Set(posts)).toEqual(new Set(["play", "retry"]))
})

test("a manual job that somebody started at GitLab, and that is over, is not run a second time", async () => {
  const { gitlab, at } = await scripted({}, "c: { when: manual, allow_failure: false, script: ['true'] }\n")
  const script = gitlab.script(at.id).set("c", "manual")
  await follow(gitlab, at).done
  script.set("c", "running").set("c", "success")
  const { done } = follow(gitlab, at, { again: { keep: [], play: ["c"] } })
  expect((await done).end?.status).toBe("success")
  expect(gitlab.requests.filter(({ method }) => method === "POST")).toEqual([])
})

test("canceled it waits for GitLab to end what runs", async () => {
  const { gitlab, at } = await scripted()
  const script = gitlab.script(at.id)
  const { record, done, abort } = follow(gitlab, at)
  script.set("a", "running")
  await until(() => record.status("a") === "running")
  gitlab.trouble({ method: "POST", path: /cancel/, trouble: { kind: "html" } })
  abort()
  await until(() => record.status("a") === "canceling")
  expect(record.end).toBeNull()
  script.set("a", "canceled")
  expect((await done).end).toEqual({ type: "finished", status: "canceled", error: null })
  expect(record.status("b")).toBe("canceled")
})

test("canceled, GitLab's end is waited for only so long", async () => {
  const { gitlab, at } = await scripted()
  gitlab.script(at.id).set("a", "running")
  const { record, done, abort } = follow(gitlab, at, { timing: { cancelMs: 200 } })
  await until(() => record.status("a") === "running")
  abort()
  expect((await done).end?.status).toBe("canceled")
})

test("a file that is not valid fails with the words of it; without one, or with nothing to do, that is said", async () => {
  const wrong = await scripted({}, "a: { script: 7 }\n")
  expect((await follow(wrong.gitlab, wrong.at).done).end?.error).toMatch(/^The checks file \(\.gitlab-ci\.yml\) is not valid: \S/) // prettier-ignore
  const none = await scripted({}, null)
  const soon = { timing: { pipelineMs: 50 } }
  expect((await follow(none.gitlab, none.at, soon).done).end).toEqual({ type: "finished", status: "failed", error: "This version has no checks file (.gitlab-ci.yml)" }) // prettier-ignore
  const rules = await scripted({}, "a: { script: ['true'], rules: [{ when: never }] }\n")
  expect((await follow(rules.gitlab, rules.at, soon).done).end?.error).toBe("No check of the checks file (.gitlab-ci.yml) applies to this version") // prettier-ignore
})

test("without a runner the check waits and says why", async () => {
  const { gitlab, at } = await scripted({ runner: false })
  gitlab.script(at.id).set("a", "pending")
  const { record } = follow(gitlab, at, { timing: { runnerMs: 30 } })
  await until(() => record.log("a").includes("No runner of GitLab"))
  expect(record.status("a")).toBe("pending")
  await Bun.sleep(100)
  expect(record.log("a").match(/No runner/g)).toHaveLength(1)
  gitlab.script(at.id).set("a", "failed", { failureReason: "stuck_or_timeout_failure" }).set("b", "skipped")
  await until(() => record.end !== null)
  expect(record.end?.error).toBe("The check “a” failed: no runner of GitLab took it in time, or it said nothing for too long") // prettier-ignore
})

test("a pipeline that somebody else made of the same commit is not ours", async () => {
  const { gitlab, at } = await scripted()
  const ours = gitlab.script(at.id)
  const [pipeline] = gitlab.pipelines(at.id)
  if (pipeline === undefined) throw new Error("there is no pipeline")
  for (const [source, ref] of [
    ["merge_request_event", "main"],
    ["push", "other"],
  ]) {
    const id = gitlab.world.nextId()
    gitlab.world.pipelines.set(id, {
      ...pipeline,
      id,
      source: source ?? "",
      ref: ref ?? "",
      status: "failed",
      jobs: [],
    })
  }
  ours.set("a", "success").set("b", "success")
  expect((await follow(gitlab, at).done).end?.status).toBe("success")
})

test("a token that is refused is waited for, not for ever; a project that is gone ends it", async () => {
  const { gitlab, at } = await scripted()
  gitlab.trouble({ times: 500, trouble: { kind: "status", status: 401, body: { message: "401 Unauthorized" } } })
  const { record } = follow(gitlab, at, { timing: { refusedMs: 100 } })
  await until(() => record.end !== null)
  expect(record.end?.error).toContain("access token")
  gitlab.calm()
  expect((await follow(gitlab, { ...at, id: at.id + 1000 }).done).end?.error).toContain("does not have these checks")
})
