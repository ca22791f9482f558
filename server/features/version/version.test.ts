import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { and, asc, eq } from "drizzle-orm"
import { user } from "../../../drizzle/schema/account.ts"
import { builds } from "../../../drizzle/schema/build.ts"
import { events, streams } from "../../../drizzle/schema/event.ts"
import { messages } from "../../../drizzle/schema/message.ts"
import { projectMembers, projects } from "../../../drizzle/schema/project.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import type { BuildStatus } from "../../../shared/build.ts"
import type { Version } from "../../../shared/version.ts"
import { AppError } from "../../app-error.ts"
import { loadConfig } from "../../config.ts"
import type { Ctx } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { createLog } from "../../log.ts"
import { createGitRepository } from "../../ports/repository/git/create-git-repository.ts"
import { testDatabase, type TestDatabase } from "../../testing/database.ts"
import { Hub } from "../event/hub.ts"
import { inTransaction } from "../event/transaction.ts"
import { fileRead } from "../file/read.ts"
import { fileSearch } from "../file/search.ts"
import { fileTree } from "../file/tree.ts"
import { deleteFile, listFiles, seedWorkspace, workspaceRoot, writeFile } from "../file/workspace.ts"
import { fileWrite } from "../file/write.ts"
import { authorizeProject } from "../project/access.ts"
import { commitWorkspace } from "./commit.ts"
import { diffVersions } from "./diff.ts"
import { keepAside } from "./keep-aside.ts"
import { keepVersion } from "./keep.ts"
import { listVersions } from "./list.ts"
import { publishIfFollowing, publishVersion, unpinVersion } from "./publish.ts"
import { reconcileVersions } from "./reconcile.ts"
import { recordVersion } from "./record.ts"
import { restoreVersion } from "./restore.ts"

let dataDir: string
let database: TestDatabase
let ctx: Ctx
let stranger: Ctx
let projectId: string
let root: string
let kicked = 0
const prepared: string[] = []

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "gochat-version-"))
  database = await testDatabase()
  const { db } = database
  const config = loadConfig({ DATA_DIR: dataDir, GO_CHAT_SECRET_KEY: "s3cret-".repeat(8), LOG_LEVEL: "fatal" })
  const hub = new Hub({
    db,
    notifies: false,
    onError: (error) => {
      throw error
    },
  })
  const people = [newId(), newId()]
  for (const id of people) await db.insert(user).values({ id, name: "Mia Ada", email: `${id}@example.com` })
  // What these verbs need of the others: engines that hear that there is work.
  const services = {
    config,
    log: createLog(config),
    db,
    hub,
    repository: createGitRepository({ reposDir: join(dataDir, "repos") }),
    forge: { mode: "local", remote: null },
    builds: { kick: () => void kicked++ },
    sandboxes: { prepareLive: (id: string) => void prepared.push(id), wake: () => new Promise(() => {}) },
    draining: new AbortController().signal,
  } as unknown as Ctx
  const as = (userId = ""): Ctx => ({
    ...services,
    requestId: "test",
    actor: { type: "user", userId, role: "user", sessionId: newId() },
  })
  ctx = as(people[0])
  stranger = as(people[1])
})
afterAll(async () => {
  await database.close()
  rmSync(dataDir, { recursive: true, force: true })
})

beforeEach(async () => {
  projectId = newId()
  root = workspaceRoot(ctx.config, projectId)
  await ctx.db
    .insert(projects)
    .values({ id: projectId, title: "Quiz", slug: `quiz-${projectId.slice(-12)}`, template: "static" })
  await ctx.db
    .insert(projectMembers)
    .values({ projectId, userId: ctx.actor.type === "user" ? ctx.actor.userId : "", role: "owner" })
  await ctx.db.insert(streams).values({ projectId })
  await ctx.repository.create(projectId)
  kicked = 0
})

const kindOf = (call: Promise<unknown>) =>
  call.then(
    () => "OK",
    (error: unknown) => (error instanceof AppError ? error.kind : String(error)),
  )
const news = async () =>
  (await ctx.db.select().from(events).where(eq(events.projectId, projectId)).orderBy(asc(events.seq))).map(
    (row) => row.body,
  )
const list = async () => (await listVersions(ctx, { projectId, limit: 50 })).versions
const text = (path: string) => readFileSync(join(root, path), "utf8")

async function addRun(
  wish = "Build me a quiz",
  state: "queued" | "running" | "finished" = "finished",
): Promise<string> {
  const [runId, messageId] = [newId(), newId()]
  await ctx.db.insert(messages).values({ id: messageId, projectId, role: "user", content: wish, runId })
  await ctx.db.insert(runs).values({ id: runId, projectId, userId: newId(), messageId, state, recoverable: true })
  return runId
}

/** A version as a run makes it. */
async function version(files: Record<string, string>, status: BuildStatus = "success"): Promise<Version> {
  await seedWorkspace(ctx.config, projectId, "static")
  for (const [path, content] of Object.entries(files)) await writeFile(root, path, content)
  const runId = await addRun()
  const project = await authorizeProject(ctx, projectId)
  const commit = await commitWorkspace(ctx, project, {
    runId,
    title: "Build me a quiz",
    author: { name: "Mia", email: "m@example.com" },
  })
  if (commit === null) throw new Error("nothing to commit")
  const made = await inTransaction(ctx, (tx) =>
    recordVersion(ctx, tx, projectId, commit, { runId, title: "Build me a quiz" }),
  )
  await finishBuild(made.sha, status)
  return made
}

/** The end of the checks, as the engine writes it down. */
async function finishBuild(sha: string, status: BuildStatus): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await tx
      .update(builds)
      .set({ status, finishedAt: new Date() })
      .where(and(eq(builds.projectId, projectId), eq(builds.sha, sha)))
    if (status === "success") await publishIfFollowing(ctx, tx, projectId, sha)
  })
}
const live = async () => {
  const [row] = await ctx.db.select().from(projects).where(eq(projects.id, projectId))
  return { sha: row?.liveSha ?? null, pinned: row?.pinned }
}

describe("a run's version", () => {
  test("has number, title, counts, build and news in order, and names its run in git", async () => {
    const made = await version({ "index.html": "<h1>Quiz</h1>\n" })
    expect(made).toMatchObject({ number: 1, title: "Build me a quiz", buildStatus: "created", live: false })
    expect(made.files).toBeGreaterThan(3)
    expect((await news()).map((one) => one.type)).toEqual(["version.created", "build.changed", "project.changed"])
    expect(await ctx.repository.message(projectId, made.sha)).toBe(`Build me a quiz\n\nRun: ${made.runId}`)
    expect(await list()).toEqual([{ ...made, buildStatus: "success", live: true }])
    const second = await version({ "index.html": "<h1>Quiz 2</h1>\n" })
    expect(second).toMatchObject({ number: 2, files: 1, added: 1, removed: 1 })
    expect((await listVersions(ctx, { projectId, before: 2, limit: 1 })).versions.map((one) => one.number)).toEqual([1])
  })

  test("nothing changed is no version; a starter that nobody touched is none either", async () => {
    const project = await authorizeProject(ctx, projectId)
    const commit = () => commitWorkspace(ctx, project, { runId: null, title: "x", author: { name: "m", email: "m@m" } })
    expect(await commit()).toBeNull()
    await seedWorkspace(ctx.config, projectId, "static")
    expect(await commit()).toBeNull()
    expect(await ctx.repository.head(projectId)).toBeNull()
    await version({ a: "1" })
    expect(await commit()).toBeNull()
  })

  test("the same commit twice, at the same moment, is one version", async () => {
    const made = await version({ a: "1" })
    const commit = { sha: made.sha, files: 1, added: 1, removed: 0 }
    const again = () =>
      inTransaction(ctx, (tx) => recordVersion(ctx, tx, projectId, commit, { runId: null, title: "again" }))
    expect((await Promise.all([again(), again()])).map((one) => one.title)).toEqual([
      "Build me a quiz",
      "Build me a quiz",
    ])
    expect(await list()).toHaveLength(1)
  })

  test("a commit that the server did not live to record is recorded by the next who looks, once", async () => {
    await version({ a: "1" })
    const runId = await addRun("Add a search field")
    await writeFile(root, "a", "2")
    const project = await authorizeProject(ctx, projectId)
    await commitWorkspace(ctx, project, { runId, title: "Add a search field", author: { name: "m", email: "m@m" } })
    await Promise.all([reconcileVersions(ctx, projectId), reconcileVersions(ctx, projectId)])
    expect((await list())[0]).toMatchObject({
      number: 2,
      runId,
      title: "Add a search field",
      files: 1,
      added: 1,
      removed: 1,
      buildStatus: "created",
    })
    expect(await list()).toHaveLength(2)
    expect(kicked).toBe(1)
  })
})

describe("going back", () => {
  test("makes a new version with exactly the old files, in the workspace too, and can be undone", async () => {
    const one = await version({ "index.html": "1", "src/a.js": "a" })
    await version({ "index.html": "2", "src/b.js": "b" })
    await deleteFile(root, "src/a.js")
    const three = await version({ "index.html": "3" })
    const back = await restoreVersion(ctx, { projectId, sha: one.sha.slice(0, 8) })
    expect(back).toMatchObject({ number: 4, title: "Back to version 1", runId: null, buildStatus: "created" })
    expect(await ctx.repository.diff(projectId, one.sha, back.sha)).toEqual([])
    expect([text("index.html"), existsSync(join(root, "src/a.js")), existsSync(join(root, "src/b.js"))]).toEqual([
      "1",
      true,
      false,
    ])
    expect(kicked).toBe(1)
    const forward = await restoreVersion(ctx, { projectId, sha: three.sha })
    expect(forward).toMatchObject({ number: 5, title: "Back to version 3" })
    expect([text("index.html"), existsSync(join(root, "src/a.js"))]).toEqual(["3", false])
    expect(await restoreVersion(ctx, { projectId, sha: three.sha })).toMatchObject({ number: 5 })
    expect(await list()).toHaveLength(5)
  })

  test("is refused while a run works or waits, for unknown versions and for strangers", async () => {
    const one = await version({ a: "1" })
    expect(await kindOf(restoreVersion(ctx, { projectId, sha: "0123456" }))).toBe("not_found")
    expect(await kindOf(restoreVersion(stranger, { projectId, sha: one.sha }))).toBe("not_found")
    await addRun("more", "queued")
    expect(await kindOf(restoreVersion(ctx, { projectId, sha: one.sha }))).toBe("run_active")
    expect(await kindOf(fileWrite(ctx, { projectId, path: "a", content: "2" }))).toBe("run_active")
  })

  test("a restore that was cut off before it was recorded is completed by the next write", async () => {
    const one = await version({ a: "1" })
    await version({ a: "2" })
    await ctx.repository.restore(projectId, {
      sha: one.sha,
      message: "Back to version 1",
      author: { name: "m", email: "m@m" },
    })
    await fileWrite(ctx, { projectId, path: "b", content: "b" })
    expect((await list()).map((one) => one.title)).toEqual([
      "Edited b",
      "Back to version 1",
      "Build me a quiz",
      "Build me a quiz",
    ])
    expect(text("a")).toBe("1")
  })
})

describe("live", () => {
  test("follows green versions, never an older one, and not while it is pinned", async () => {
    const one = await version({ a: "1" })
    const red = await version({ a: "2" }, "failed")
    expect(await live()).toEqual({ sha: one.sha, pinned: false })
    const three = await version({ a: "3" })
    expect(await live()).toEqual({ sha: three.sha, pinned: false })
    await finishBuild(one.sha, "success")
    expect((await live()).sha).toBe(three.sha)

    expect(await kindOf(publishVersion(ctx, { projectId, sha: red.sha }))).toBe("not_green")
    expect(await kindOf(publishVersion(ctx, { projectId, sha: "abcdef0" }))).toBe("not_found")
    expect(await kindOf(publishVersion(stranger, { projectId, sha: one.sha }))).toBe("not_found")
    expect(await publishVersion(ctx, { projectId, sha: one.sha })).toMatchObject({ number: 1, live: true })
    expect(await live()).toEqual({ sha: one.sha, pinned: true })
    const four = await version({ a: "4" })
    expect(await live()).toEqual({ sha: one.sha, pinned: true })
    expect((await list()).map((one) => one.live)).toEqual([false, false, false, true])

    await publishVersion(ctx, { projectId, sha: four.sha })
    expect(await live()).toEqual({ sha: four.sha, pinned: false })
    await publishVersion(ctx, { projectId, sha: three.sha })
    expect(await live()).toEqual({ sha: three.sha, pinned: true })
    expect(await unpinVersion(ctx, { projectId })).toMatchObject({ live: { number: 4 } })
    expect(await live()).toEqual({ sha: four.sha, pinned: false })
    expect((await news()).at(-1)).toMatchObject({
      type: "project.changed",
      project: { liveSha: four.sha, pinned: false },
    })
    expect(prepared.filter((id) => id === projectId)).toHaveLength(4)
  })
})

describe("what a stopped run left", () => {
  test("goes aside, the workspace back to the version, and comes back as a version", async () => {
    await version({ a: "1", b: "1" })
    const runId = await addRun("Change b\n\nplease")
    await writeFile(root, "b", "half")
    await writeFile(root, "new/c", "c")
    const project = await authorizeProject(ctx, projectId)
    expect(await keepAside(ctx, project, runId)).toBe(true)
    expect([text("b"), existsSync(join(root, "new"))]).toEqual(["1", false])
    expect(await list()).toHaveLength(1)
    expect(await keepAside(ctx, project, runId)).toBe(false)

    await version({ a: "2" })
    const kept = await keepVersion(ctx, { projectId, runId })
    expect(kept).toMatchObject({ number: 3, runId, title: "Change b", files: 2 })
    expect([text("a"), text("b"), text("new/c")]).toEqual(["2", "half", "c"])
    expect(await kindOf(keepVersion(ctx, { projectId, runId }))).toBe("not_found")
    const [row] = await ctx.db.select().from(runs).where(eq(runs.id, runId))
    expect(row?.recoverable).toBe(false)
  })

  test("that no longer fits is a conflict with words, and nothing changes", async () => {
    await version({ a: "1\n" })
    const runId = await addRun()
    await writeFile(root, "a", "from the stopped run\n")
    await keepAside(ctx, await authorizeProject(ctx, projectId), runId)
    await version({ a: "something else\n" })
    expect(await kindOf(keepVersion(stranger, { projectId, runId }))).toBe("not_found")
    expect(await kindOf(keepVersion(ctx, { projectId, runId }))).toBe("conflict")
    expect([text("a"), (await list()).length]).toEqual(["something else\n", 2])
  })

  test("before the first version the workspace goes back to the starter", async () => {
    const runId = await addRun()
    const project = await authorizeProject(ctx, projectId)
    await seedWorkspace(ctx.config, projectId, "static")
    const starter = await listFiles(root)
    expect(await keepAside(ctx, project, runId)).toBe(false)
    await writeFile(root, "index.html", "mine")
    await writeFile(root, "x/y", "mine")
    expect(await keepAside(ctx, project, runId)).toBe(true)
    expect(await listFiles(root)).toEqual(starter)
    expect(await keepVersion(ctx, { projectId, runId })).toMatchObject({ number: 1 })
    expect(text("index.html")).toBe("mine")
  })
})

describe("file.*", () => {
  test("a write by hand is a version of its own, on the starter when there was nothing", async () => {
    const written = await fileWrite(ctx, { projectId, path: "./notes/a.txt", content: "hello\n" })
    expect(written).toMatchObject({
      path: "notes/a.txt",
      added: 1,
      removed: 0,
      version: { number: 1, title: "Edited notes/a.txt" },
    })
    expect(existsSync(join(root, "index.html"))).toBe(true)
    expect(kicked).toBe(1)
    expect((await fileWrite(ctx, { projectId, path: "notes/a.txt", content: "hello\n" })).version).toBeNull()
    expect(await kindOf(fileWrite(ctx, { projectId, path: "../x", content: "" }))).toBe("bad_input")
    expect(await kindOf(fileWrite(stranger, { projectId, path: "x", content: "" }))).toBe("not_found")
    expect(await kindOf(fileWrite(ctx, { projectId, path: "big", content: "x".repeat(1_000_001) }))).toBe("too_large")
  })

  test("reads the workspace and any version; strangers read neither", async () => {
    const one = await version({ "a.txt": "first needle" })
    await version({ "a.txt": "second", "sub/ü.txt": "a NEEDLE here" })
    const paths = async (ref?: string) => (await fileTree(ctx, { projectId, ref })).files.map((file) => file.path)
    expect(await paths()).toContain("sub/ü.txt")
    expect(await paths(one.sha)).not.toContain("sub/ü.txt")
    expect(await paths("main")).toEqual(await paths())
    expect((await fileRead(ctx, { projectId, path: "a.txt" })).content).toBe("second")
    expect(await fileRead(ctx, { projectId, path: "a.txt", ref: one.sha })).toEqual({
      path: "a.txt",
      size: 12,
      content: "first needle",
    })
    expect((await fileSearch(ctx, { projectId, query: "needle" })).matches).toEqual([
      { path: "sub/ü.txt", line: 1, text: "a NEEDLE here" },
    ])
    expect(
      (await fileSearch(ctx, { projectId, query: "needle", ref: one.sha })).matches.map((match) => match.path),
    ).toEqual(["a.txt"])
    writeFileSync(join(root, "p.png"), new Uint8Array([1, 0, 2]))
    expect(await fileRead(ctx, { projectId, path: "p.png" })).toEqual({ path: "p.png", size: 3, content: null })
    for (const ref of [undefined, one.sha]) {
      expect(await kindOf(fileRead(ctx, { projectId, path: "nope", ref }))).toBe("not_found")
      expect(await kindOf(fileTree(stranger, { projectId, ref }))).toBe("not_found")
      expect(await kindOf(fileRead(stranger, { projectId, path: "a.txt", ref }))).toBe("not_found")
      expect(await kindOf(fileSearch(stranger, { projectId, query: "x", ref }))).toBe("not_found")
    }
    expect(await kindOf(fileTree(ctx, { projectId, ref: "nope" }))).toBe("not_found")
    expect(await kindOf(fileRead(ctx, { projectId, path: "../../secret.key" }))).toBe("bad_input")
    expect(await kindOf(listVersions(stranger, { projectId, limit: 1 }))).toBe("not_found")
  })

  test("a diff is against the version before, or any other", async () => {
    const one = await version({ a: "1\n" })
    const two = await version({ a: "2\n" })
    const three = await version({ b: "3\n" })
    const changed = async (sha: string, base?: string) =>
      (await diffVersions(ctx, { projectId, sha, base })).files.map((file) => `${file.change} ${file.path}`)
    expect(await changed(three.sha)).toEqual(["added b"])
    expect(await changed(three.sha.slice(0, 7), one.sha)).toEqual(["modified a", "added b"])
    expect(await changed(one.sha, two.sha)).toEqual(["modified a"])
    expect(await changed(one.sha)).toContain("added index.html")
    expect(await kindOf(diffVersions(ctx, { projectId, sha: "0000000" }))).toBe("not_found")
    expect(await kindOf(diffVersions(stranger, { projectId, sha: one.sha }))).toBe("not_found")
  })
})
