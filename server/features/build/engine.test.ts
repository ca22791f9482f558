import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { eq } from "drizzle-orm"
import pino from "pino"
import { user } from "../../../drizzle/schema/account.ts"
import { builds as buildTable } from "../../../drizzle/schema/build.ts"
import { projects } from "../../../drizzle/schema/project.ts"
import { versions } from "../../../drizzle/schema/version.ts"
import type { Build } from "../../../shared/build.ts"
import type { ProjectEvent } from "../../../shared/events.ts"
import { AppError } from "../../app-error.ts"
import { loadConfig } from "../../config.ts"
import type { Ctx, Services } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { RemoteGitError } from "../../ports/repository/remote-git-error.ts"
import type { Forge } from "../../ports/forge/port.ts"
import { createLocalForge } from "../../ports/forge/local/create-local-forge.ts"
import { createGitRepository } from "../../ports/repository/git/create-git-repository.ts"
import { createProcessSandbox } from "../../ports/sandbox/process/create-process-sandbox.ts"
import { type TestDatabase, testDatabase } from "../../testing/database.ts"
import { DeltaWriter } from "../event/delta-writer.ts"
import { Hub } from "../event/hub.ts"
import { parseEvent } from "../event/stored-event.ts"
import { inTransaction } from "../event/transaction.ts"
import { createProject } from "../project/create.ts"
import { listArtifacts } from "./artifacts.ts"
import { cancelBuild } from "./cancel.ts"
import { createBuilds } from "./engine.ts"
import { getBuild } from "./get.ts"
import { listBuilds } from "./list.ts"
import { readBuildLog } from "./log.ts"
import { queueBuild } from "./queue.ts"
import { BuildRecord } from "./record.ts"
import { retryBuild } from "./retry.ts"

setDefaultTimeout(40_000)

let dataDir: string
let database: TestDatabase
let services: Services
let ctx: Ctx
let stranger: Ctx
const prepared: string[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "builds-"))
  database = await testDatabase()
  const { db } = database
  const log = pino({ enabled: false })
  const onError = (error: unknown) => {
    throw error
  }
  const hub = new Hub({ db, notifies: false, onError })
  const repository = createGitRepository({ reposDir: join(dataDir, "repos") })
  const sandbox = await createProcessSandbox({ dataDir, log })
  services = {
    config: loadConfig({ DATA_DIR: dataDir, MAX_PROJECTS_PER_USER: "100" }),
    log,
    db,
    hub,
    deltas: new DeltaWriter({ db, hub, onError }),
    repository,
    sandbox,
    forge: createLocalForge({ dataDir, repository, sandbox, onFault: onError }),
    sandboxes: { prepareLive: (projectId: string) => void prepared.push(projectId) },
    draining: new AbortController().signal,
  } as unknown as Services
  ctx = await person()
  stranger = await person()
})

async function person(): Promise<Ctx> {
  const id = newId()
  await services.db.insert(user).values({ id, name: "Mia", email: `${id}@example.com` })
  // A getter, so that a restarted engine is the one that verbs kick.
  return Object.create(services, {
    actor: { value: { type: "user", userId: id, role: "user", sessionId: newId() } },
    requestId: { value: "test" },
  }) as Ctx
}

afterEach(async () => {
  await services.builds?.close()
})

afterAll(async () => {
  await services.deltas.close()
  await services.sandbox.close()
  await database.close()
  await rm(dataDir, { recursive: true, force: true })
})

async function startEngine(times?: { retryMs: number }): Promise<void> {
  services.builds = createBuilds(services, times)
  await services.builds.start()
}

interface Made {
  projectId: string
  sha: string
  build: Build
}

/** A version with this checks file, its checks in line. */
async function version(yaml: string, projectId?: string): Promise<Made> {
  const id = projectId ?? (await createProject(ctx, { title: "Shop" })).id
  const workTree = await mkdtemp(join(tmpdir(), "builds-tree-"))
  await Bun.write(join(workTree, ".gitlab-ci.yml"), yaml)
  await Bun.write(join(workTree, "salt"), newId())
  const author = { name: "Test", email: "test@example.com" }
  const commit = await services.repository.commit(id, { workTree, message: "files", author, ref: "refs/heads/main" })
  await rm(workTree, { recursive: true })
  if (commit === null) throw new Error("nothing to commit")
  const build = await inTransaction(services, async (tx) => {
    const number = (await tx.select().from(versions).where(eq(versions.projectId, id))).length + 1
    const { sha, files, added, removed } = commit
    await tx.insert(versions).values({ projectId: id, sha, number, title: "Files", files, added, removed })
    return queueBuild(services, tx, id, { sha, runId: null })
  })
  return { projectId: id, sha: commit.sha, build }
}

/** Follows the project's log from its beginning until an event fits; all events up to it. */
async function until(projectId: string, fits: (event: ProjectEvent) => boolean): Promise<ProjectEvent[]> {
  const watched = await services.hub.watch(projectId, 0)
  if (watched === null) throw new Error("no such project")
  using subscription = watched.subscription
  const events: ProjectEvent[] = []
  const deadline = AbortSignal.timeout(20_000)
  for (;;) {
    for (const event of (await subscription.take()).map(parseEvent)) {
      events.push(event)
      if (fits(event)) return events
    }
    await new Promise<void>((resolve, reject) => {
      const late = () => reject(new Error(`not seen; last: ${JSON.stringify(events.slice(-3))}`))
      deadline.addEventListener("abort", late, { once: true })
      subscription.whenNew(resolve)
    })
  }
}

const changed = (buildId: string, fits: (build: Build) => boolean) => (event: ProjectEvent) =>
  event.type === "build.changed" && event.build.id === buildId && fits(event.build)

const ended = (made: Made) =>
  until(
    made.projectId,
    changed(made.build.id, (build) => build.finishedAt !== null),
  )
const now = (made: Made) => getBuild(ctx, { projectId: made.projectId, buildId: made.build.id })
const said = (made: Made, words: string) =>
  until(made.projectId, (event) => event.type === "build.log" && event.text.includes(words))
const jobOf = (build: Build, name: string) => {
  const job = build.jobs.find((known) => known.name === name)
  if (job === undefined) throw new Error(`no job ${name}`)
  return job
}

/** The kinds of events in their order, equal neighbours as one. */
const kinds = (events: ProjectEvent[]): string[] =>
  events
    .map((event) =>
      event.type === "build.changed"
        ? `build ${event.build.status} ${event.build.jobs.map((job) => job.status).join()}`.trim()
        : event.type,
    )
    .filter((kind, index, all) => kind !== all[index - 1])

describe("a green build", () => {
  test("is told in order, publishes the version, prepares live", async () => {
    await startEngine()
    const made = await version("a: {script: [echo one, echo two]}")
    await until(made.projectId, (event) => event.type === "project.changed" && event.project.liveSha === made.sha)
    const events = await until(
      made.projectId,
      (event) => event.type === "project.changed" && event.project.liveSha !== null,
    )
    expect(kinds(events.slice(1))).toEqual([
      "build created",
      "project.changed",
      "build running",
      "build running created",
      "build running running",
      "build.log",
      "build running success",
      "build success success",
      "project.changed",
    ])
    const build = await now(made)
    expect(build).toMatchObject({ status: "success", progress: 1, stage: null, error: null, sha: made.sha })
    expect(jobOf(build, "a")).toMatchObject({
      stage: "test",
      status: "success",
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    })
    const [project] = await services.db.select().from(projects).where(eq(projects.id, made.projectId))
    expect(project?.liveSha).toBe(made.sha)
    expect(prepared).toContain(made.projectId)
  })

  test("logs: events and the stored log agree character by character", async () => {
    await startEngine()
    const script = 'for i in $(seq 1 4000); do echo "line $i äöü 😀"; done'
    const made = await version(`a: {script: ['${script}']}\nb: {script: ['${script}']}`)
    const events = await ended(made)
    const build = await now(made)
    for (const job of build.jobs) {
      let text = ""
      for (const event of events) {
        if (event.type !== "build.log" || event.jobId !== job.id) continue
        expect(event.from).toBe(text.length)
        text += event.text
      }
      expect(text.match(/line \d+ äöü 😀/g)).toHaveLength(4_000)
      const input = { projectId: made.projectId, buildId: build.id, jobId: job.id }
      const whole = await readBuildLog(ctx, { ...input, from: 0 })
      expect(whole).toEqual({ text, from: 0, next: text.length, complete: true })
      for (const from of [1, 15_999, 16_000, 16_001, text.length - 1, text.length, text.length + 5]) {
        const part = await readBuildLog(ctx, { ...input, from })
        expect(part.text).toBe(text.slice(from))
        expect(part.complete).toBe(true)
      }
    }
    const lastLog = events.findLastIndex((event) => event.type === "build.log")
    const firstEnd = events.findIndex(
      (event) =>
        event.type === "build.changed" &&
        event.build.jobs.every((job) => job.status === "success") &&
        event.build.jobs.length > 0,
    )
    expect(lastLog).toBeLessThan(firstEnd)
  })

  test("progress and stage move", async () => {
    await startEngine()
    const made = await version("a: {script: echo, stage: build}\nb: {script: echo, stage: test}")
    const seen = (await ended(made)).flatMap((event) =>
      event.type === "build.changed" ? [[event.build.stage, event.build.progress]] : [],
    )
    expect(seen).toContainEqual(["build", 0])
    expect(seen).toContainEqual(["test", 0.5])
    expect(seen.at(-1)).toEqual([null, 1])
  })
})

describe("a red build", () => {
  test("says the first plain line of what failed and publishes nothing", async () => {
    await startEngine()
    const made = await version("a: {script: ['echo out of paint; exit 1']}\nb: {script: echo never, stage: deploy}")
    await ended(made)
    expect(await now(made)).toMatchObject({ status: "failed", error: "out of paint", progress: 1 })
    const [project] = await services.db.select().from(projects).where(eq(projects.id, made.projectId))
    expect(project?.liveSha).toBeNull()
    expect(prepared).not.toContain(made.projectId)
  })

  test("a file that is refused", async () => {
    await startEngine()
    const made = await version("a: {script: x, services: [db]}")
    await ended(made)
    expect(await now(made)).toMatchObject({
      status: "failed",
      jobs: [],
      error: "The checks file uses `services`, which is not supported here (line 1)",
    })
  })
})

describe("cancel and retry", () => {
  const yaml =
    "a: {script: [echo a >f], stage: build, artifacts: {paths: [f]}}\nb: {script: [cat f, echo begun, sleep 60]}\nc: {script: echo c, stage: deploy}"

  test("cancel ends it at once; retry keeps what was green", async () => {
    await startEngine()
    const made = await version(yaml)
    await said(made, "begun")
    const canceled = await cancelBuild(ctx, { projectId: made.projectId, buildId: made.build.id })
    expect(canceled).toMatchObject({ status: "canceled", error: null, finishedAt: expect.any(String) })
    expect(canceled.jobs.map((job) => job.status)).toEqual(["success", "canceled", "canceled"])
    expect((await cancelBuild(ctx, { projectId: made.projectId, buildId: made.build.id })).status).toBe("canceled")

    const queued = await retryBuild(ctx, { projectId: made.projectId, buildId: made.build.id })
    expect(queued).toMatchObject({ id: made.build.id, status: "pending", finishedAt: null })
    const restarted = (build: Build) =>
      build.jobs.some((job) => job.name === "b" && job.status === "running" && job.id !== jobOf(canceled, "b").id)
    await until(made.projectId, changed(made.build.id, restarted))
    const again = await now(made)
    expect(jobOf(again, "a").id).toBe(jobOf(canceled, "a").id)
    expect(jobOf(again, "a").status).toBe("success")
    const kept = await readBuildLog(ctx, {
      projectId: made.projectId,
      buildId: made.build.id,
      jobId: jobOf(again, "a").id,
      from: 0,
    })
    expect(kept.text.match(/echo a/g)).toHaveLength(1)
    const { artifacts } = await listArtifacts(ctx, { projectId: made.projectId, buildId: made.build.id })
    expect(artifacts).toEqual([
      {
        jobId: jobOf(again, "a").id,
        name: "a",
        path: "f",
        size: 2,
        url: `/artifacts/${made.projectId}/${made.build.id}/${jobOf(again, "a").id}/f`,
      },
    ])
    expect(await refusal(retryBuild(ctx, { projectId: made.projectId, buildId: made.build.id }))).toBe("conflict")
    await cancelBuild(ctx, { projectId: made.projectId, buildId: made.build.id })
  })

  test("one job alone, and a manual one that is started", async () => {
    await startEngine()
    const made = await version(
      "a: {script: 'exit 1'}\nb: {script: 'exit 1'}\nm: {script: echo m, when: manual, allow_failure: true}",
    )
    await ended(made)
    const first = await now(made)
    expect(first.jobs.map((job) => job.status)).toEqual(["failed", "failed", "manual"])
    const buildId = made.build.id
    await retryBuild(ctx, { projectId: made.projectId, buildId, jobId: jobOf(first, "m").id })
    const played = (
      await until(
        made.projectId,
        changed(buildId, (build) => build.finishedAt !== null && jobOf(build, "m").status === "success"),
      )
    ).at(-1)
    if (played?.type !== "build.changed") throw new Error("no build")
    expect(played.build.status).toBe("failed")
    expect(jobOf(played.build, "a").id).toBe(jobOf(first, "a").id)
  })

  test("a build that waits is canceled without a start; a newer version does the same", async () => {
    services.builds = createBuilds(services)
    const first = await version(yaml)
    const second = await version(yaml, first.projectId)
    expect(await now(first)).toMatchObject({
      status: "canceled",
      error: "A newer version came before these checks began",
      jobs: [],
    })
    expect((await now(second)).status).toBe("created")
    expect((await cancelBuild(ctx, { projectId: second.projectId, buildId: second.build.id })).status).toBe("canceled")
    await services.builds.start()
    expect(
      (await listBuilds(ctx, { projectId: first.projectId, limit: 30 })).builds.map((build) => [
        build.sha,
        build.status,
      ]),
    ).toEqual([
      [second.sha, "canceled"],
      [first.sha, "canceled"],
    ])
  })

  test("a newer version ends a running build only where that is allowed", async () => {
    await startEngine()
    const yes = await version("a: {script: [echo begun, sleep 60], interruptible: true}")
    await said(yes, "begun")
    const next = await version("a: {script: echo quick}", yes.projectId)
    await ended(next)
    expect(await now(yes)).toMatchObject({ status: "canceled", error: "A newer version came while these checks ran" })

    const no = await version("a: {script: [echo begun, sleep 2]}")
    await said(no, "begun")
    const after = await version("a: {script: echo quick}", no.projectId)
    await ended(after)
    expect((await now(no)).status).toBe("success")
    const [before, then] = [await now(no), await now(after)]
    expect(Date.parse(jobOf(then, "a").startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(before.finishedAt ?? ""))
  })

  test("cancelProject ends all of it", async () => {
    await startEngine()
    const running = await version("a: {script: [echo begun, sleep 60]}")
    await said(running, "begun")
    const waiting = await version("a: {script: echo never}", running.projectId)
    await services.builds.cancelProject(running.projectId)
    expect((await now(running)).status).toBe("canceled")
    expect((await now(waiting)).status).toBe("canceled")
  })
})

describe("the engine", () => {
  test("a build that was running when the server ended runs again from the beginning", async () => {
    await startEngine()
    const made = await version("a: {script: [echo begun, sleep 1, echo done]}")
    await said(made, "begun")
    const before = await now(made)
    await services.builds.close()
    const [row] = await services.db.select().from(buildTable).where(eq(buildTable.id, made.build.id))
    expect(row).toMatchObject({ status: "running", finishedAt: null })

    await startEngine()
    await ended(made)
    const after = await now(made)
    expect(after.status).toBe("success")
    expect(jobOf(after, "a").id).not.toBe(jobOf(before, "a").id)
    const log = await readBuildLog(ctx, {
      projectId: made.projectId,
      buildId: made.build.id,
      jobId: jobOf(after, "a").id,
      from: 0,
    })
    expect(log.text.match(/\nbegun\n/g)).toHaveLength(1)
  })

  test("two builds at once over all projects, the others wait their turn", async () => {
    await startEngine()
    const made = await Promise.all([1, 2, 3, 4].map(() => version("a: {script: sleep 0.5}")))
    await Promise.all(made.map(ended))
    const spans = (await Promise.all(made.map(now))).map(
      (build) => [Date.parse(jobOf(build, "a").startedAt ?? ""), Date.parse(build.finishedAt ?? "")] as const,
    )
    for (const [start] of spans) {
      expect(spans.filter(([from, to]) => from <= start && start < to).length).toBeLessThanOrEqual(2)
    }
  })

  test("a project that goes while its build runs is let go", async () => {
    await startEngine()
    const made = await version("a: {script: [echo begun, sleep 1, echo late]}")
    await said(made, "begun")
    await services.db.delete(projects).where(eq(projects.id, made.projectId))
    const other = await version("a: {script: echo fine}")
    await ended(other)
    expect((await now(other)).status).toBe("success")
  })
})

test("another person's build answers like one that is not there", async () => {
  await startEngine()
  const made = await version("a: {script: echo}")
  await ended(made)
  const job = jobOf(await now(made), "a")
  const input = { projectId: made.projectId, buildId: made.build.id }
  const mine = await createProject(stranger, {})
  for (const projectId of [made.projectId, mine.id, newId()]) {
    const other = { ...input, projectId }
    expect(await refusal(getBuild(stranger, other))).toBe("not_found")
    expect(await refusal(retryBuild(stranger, other))).toBe("not_found")
    expect(await refusal(cancelBuild(stranger, other))).toBe("not_found")
    expect(await refusal(listArtifacts(stranger, other))).toBe("not_found")
    expect(await refusal(readBuildLog(stranger, { ...other, jobId: job.id, from: 0 }))).toBe("not_found")
  }
  expect(await refusal(listBuilds(stranger, { projectId: made.projectId, limit: 30 }))).toBe("not_found")
  expect(await refusal(readBuildLog(ctx, { ...input, jobId: newId(), from: 0 }))).toBe("not_found")
  expect(await refusal(retryBuild(ctx, { ...input, jobId: newId() }))).toBe("not_found")
})

const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "OK",
    (error: unknown) => (error instanceof AppError ? error.kind : String(error)),
  )

test("a forge that has commits of others and then cannot be asked for them is tried again, and nothing fails", async () => {
  const { forge } = services
  let asked = 0
  let runs = 0
  const away = new RemoteGitError("away", "It does not answer.", "connection refused")
  const remote = { fetch: async () => (asked++, Promise.reject(away)) } as unknown as Forge["remote"]
  async function* run(...args: Parameters<Forge["run"]>): ReturnType<Forge["run"]> {
    // More often than a fault of ours is tried again.
    if (runs++ < 4) yield { type: "moved", head: null }
    else yield* forge.run(...args)
  }
  services.forge = { ...forge, remote, run }
  try {
    await startEngine({ retryMs: 50 })
    const { projectId, build } = await version("a: { script: ['true'] }\n")
    services.builds.kick()
    const events = await until(projectId, (event) => event.type === "build.changed" && event.build.status === "success")
    expect(events.some((event) => event.type === "build.changed" && event.build.status === "failed")).toBe(false)
    expect([asked, build.status]).toEqual([4, "created"])
  } finally {
    await services.builds.close()
    services.forge = forge
  }
})

test("checks that wait for a person are not taken up, and who followed them until then ends nothing", async () => {
  const { forge } = services
  const ended = Promise.withResolvers<void>()
  let begun = 0
  let aborted = false
  async function* run(_input: unknown, signal: AbortSignal): ReturnType<Forge["run"]> {
    begun++
    signal.addEventListener("abort", () => (aborted = true))
    yield { type: "finished", status: "manual", error: null }
    // It is written down, and who told of it is not gone yet.
    await ended.promise
  }
  services.forge = { ...forge, atOnce: { builds: 9, ofProject: 9 }, run }
  try {
    await startEngine()
    const { projectId, build } = await version("a: { script: ['true'] }\n")
    services.builds.kick()
    await until(projectId, (event) => event.type === "build.changed" && event.build.status === "manual")
    // Another one is looked for, and taken up: so the line was looked at with the first one in it.
    const other = await version("a: { script: ['true'] }\n")
    services.builds.kick()
    await until(other.projectId, (event) => event.type === "build.changed" && event.build.status === "manual")
    expect([begun, aborted]).toEqual([2, false])
    expect(await new BuildRecord(services, { ...build, projectId }, () => null).begin()).toBe(false)
  } finally {
    ended.resolve()
    await services.builds.close()
    services.forge = forge
  }
})
