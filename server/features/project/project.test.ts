import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { eq } from "drizzle-orm"
import { builds } from "../../../drizzle/schema/build.ts"
import { events } from "../../../drizzle/schema/event.ts"
import { projectMembers, projects } from "../../../drizzle/schema/project.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import { versions } from "../../../drizzle/schema/version.ts"
import type { BuildStatus } from "../../../shared/build.ts"
import { createGoChatClient, type GoChatClient, TRPCClientError } from "../../../shared/client.ts"
import { newId } from "../../lib/ids.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"
import { inTransaction } from "../event/transaction.ts"
import { nameProject } from "./slug.ts"

let server: TestServer
let mia: GoChatClient
let miaId: string
let ben: GoChatClient
const limit = 8

beforeAll(async () => {
  server = await startTestServer({ MAX_PROJECTS_PER_USER: String(limit) })
  const first = await server.signUp("mia@example.com")
  miaId = first.userId
  mia = createGoChatClient({ url: server.url, apiKey: first.apiKey })
  const second = await server.signUp("ben@example.com")
  ben = createGoChatClient({ url: server.url, apiKey: second.apiKey })
})
afterAll(() => server.stop())

/** Room for what a test makes. */
const clear = async (client: GoChatClient) => {
  const { projects } = await client.project.list.query({ limit: 100 })
  for (const { id } of projects) await client.project.remove.mutate({ projectId: id })
}

const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => "OK",
    (error: unknown) => (error instanceof TRPCClientError ? String(error.data?.kind) : String(error)),
  )

describe("project.create", () => {
  test("with the same id twice is one project and one answer", async () => {
    const id = newId()
    const [first, second] = await Promise.all([
      mia.project.create.mutate({ id, title: "Quiz" }),
      mia.project.create.mutate({ id, title: "Quiz" }),
    ])
    expect(second).toEqual(first)
    expect(await mia.project.create.mutate({ id, title: "Something else" })).toMatchObject({ title: "Quiz" })
    const members = await server.services.db.select().from(projectMembers).where(eq(projectMembers.projectId, id))
    expect(members).toEqual([expect.objectContaining({ userId: miaId, role: "owner" })])
  })

  test("another person's id is a conflict, and cannot be looked at", async () => {
    const { id } = await mia.project.create.mutate({ title: "Private" })
    expect(await errorOf(ben.project.create.mutate({ id, title: "Mine now" }))).toBe("conflict")
    expect(await errorOf(ben.project.get.query({ projectId: id }))).toBe("not_found")
    expect(await errorOf(ben.project.get.query({ projectId: newId() }))).toBe("not_found")
  })

  test("stops at the limit, also when many windows create at once; repeating a call is not counted", async () => {
    await clear(ben)
    const ids = Array.from({ length: limit + 4 }, newId)
    const outcomes = await Promise.all(ids.map((id) => errorOf(ben.project.create.mutate({ id }))))
    expect(outcomes.filter((outcome) => outcome === "OK")).toHaveLength(limit)
    expect(outcomes.filter((outcome) => outcome === "limit_projects")).toHaveLength(4)
    const made = ids[outcomes.indexOf("OK")]
    expect(await errorOf(ben.project.create.mutate({ id: made }))).toBe("OK")
    await clear(ben)
  })

  test("without a title it is a new project, without address, until it is named; then both stay", async () => {
    await clear(mia)
    const made = await mia.project.create.mutate({})
    expect(made).toMatchObject({ title: "New project", slug: null, draftUrl: null, liveUrl: null, status: "empty" })
    const name = (title: string) =>
      inTransaction(server.services, (tx) => nameProject(server.services, tx, made.id, title))
    await name("📦 Учёт товаров на складе")
    const named = await mia.project.get.query({ projectId: made.id })
    expect(named).toMatchObject({ title: "📦 Учёт товаров на складе", slug: "uchyot-tovarov-na-sklade" })
    const { previewDomain } = server.services.config
    expect(named.draftUrl).toBe(`http://draft--uchyot-tovarov-na-sklade.${previewDomain}`)
    await name("Another name")
    expect(await mia.project.get.query({ projectId: made.id })).toEqual(named)
  })

  test("titles of 300 characters, of emoji and with characters that no database holds", async () => {
    await clear(mia)
    const long = await mia.project.create.mutate({ title: "ü".repeat(300) })
    expect(long.title).toHaveLength(300)
    expect(long.slug?.length).toBeLessThanOrEqual(40)
    expect((await mia.project.create.mutate({ title: "🙂🙂" })).slug).toBe("app")
    expect((await mia.project.create.mutate({ title: "a\0b\ud800" })).title).toBe("a\uFFFDb\uFFFD")
    expect(await errorOf(mia.project.create.mutate({ title: "x".repeat(301) }))).toBe("bad_input")
    expect(await errorOf(mia.project.create.mutate({ template: "../react" }))).toBe("bad_input")
  })

  test("the same title at the same moment gives different addresses", async () => {
    await clear(mia)
    const made = await Promise.all(Array.from({ length: limit }, () => mia.project.create.mutate({ title: "Shop" })))
    const slugs = made.map((project) => project.slug ?? "")
    expect(new Set(slugs).size).toBe(limit)
    for (const slug of slugs) expect(slug).toMatch(/^shop(-[a-z0-9]{4})?$/)
  })

  test("is the first thing in the project's log", async () => {
    await clear(mia)
    const made = await mia.project.create.mutate({ title: "Log" })
    const rows = await server.services.db.select().from(events).where(eq(events.projectId, made.id))
    expect(rows.map((row) => [row.seq, row.body])).toEqual([[1, { type: "project.changed", project: made }]])
  })
})

describe("project.list", () => {
  test("goes page by page through all of them, last changed first, each once", async () => {
    await clear(mia)
    const made = []
    for (const title of ["One", "Two", "Three", "Four", "Five"]) made.push(await mia.project.create.mutate({ title }))
    // The same moment for two of them: the id decides.
    const at = new Date()
    for (const { id } of made.slice(1, 3)) {
      await server.services.db.update(projects).set({ updatedAt: at }).where(eq(projects.id, id))
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await mia.project.list.query({ limit: 2, cursor })
      seen.push(...page.projects.map((project) => project.title))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(["Three", "Two", "Five", "Four", "One"])
    expect(await errorOf(mia.project.list.query({ cursor: "bm9uc2Vuc2U" }))).toBe("bad_input")
  })

  test("searches title and description as they are written", async () => {
    await clear(mia)
    await mia.project.create.mutate({ title: "100% juice", description: "for the Bar" })
    await mia.project.create.mutate({ title: "1000 bottles" })
    const find = async (query: string) => (await mia.project.list.query({ query })).projects.map((found) => found.title)
    expect(await find("100%")).toEqual(["100% juice"])
    expect(await find("BAR")).toEqual(["100% juice"])
    expect(await find("_")).toEqual([])
    expect(await find("100")).toHaveLength(2)
  })
})

describe("project.update", () => {
  test("changes title and description; the address stays", async () => {
    await clear(mia)
    const { id, slug } = await mia.project.create.mutate({ title: "Shopping list" })
    const changed = await mia.project.update.mutate({ projectId: id, title: "Party", description: "for Friday" })
    expect(changed).toMatchObject({ title: "Party", description: "for Friday", slug })
  })

  test("says who may open the live app, and everybody who looks on hears it", async () => {
    await clear(mia)
    const made = await mia.project.create.mutate({ title: "Diary" })
    expect(made.liveAccess).toBe("public")
    const closed = await mia.project.update.mutate({ projectId: made.id, liveAccess: "members" })
    expect(closed).toMatchObject({ liveAccess: "members", title: "Diary" })
    const renamed = await mia.project.update.mutate({ projectId: made.id, title: "My diary" })
    expect(renamed.liveAccess).toBe("members")
    expect((await mia.project.list.query()).projects.map(({ liveAccess }) => liveAccess)).toEqual(["members"])
    const rows = await server.services.db.select().from(events).where(eq(events.projectId, made.id)).orderBy(events.seq)
    const told = rows.map(({ body }) => (body.type === "project.changed" ? body.project.liveAccess : null))
    expect(told).toEqual(["public", "members", "members"])
    const wrong = { projectId: made.id, liveAccess: "nobody" } as unknown as { projectId: string }
    expect(await errorOf(mia.project.update.mutate(wrong))).toBe("bad_input")
  })

  test("the template can be chosen until the first version, and not while the AI works", async () => {
    await clear(mia)
    const { db } = server.services
    const { id: projectId } = await mia.project.create.mutate({ title: "Start" })
    const change = (template: string) => mia.project.update.mutate({ projectId, template })
    expect(await change("react")).toMatchObject({ template: "react" })
    expect(await errorOf(change("nothing"))).toBe("bad_input")

    const runId = newId()
    await db.insert(runs).values({ id: runId, projectId, userId: miaId, messageId: newId(), state: "running" })
    expect(await errorOf(change("static"))).toBe("run_active")
    await db.update(runs).set({ state: "finished", outcome: "completed" }).where(eq(runs.id, runId))

    await addVersion(projectId, "a".repeat(40), 1)
    expect(await errorOf(change("static"))).toBe("unprocessable")
    expect(await errorOf(mia.project.update.mutate({ projectId, template: "react", title: "Same" }))).toBe("OK")
  })
})

const addVersion = (projectId: string, sha: string, number: number) =>
  server.services.db.insert(versions).values({ projectId, sha, number, title: "v", files: 1, added: 1, removed: 0 })

describe("the status of a project", () => {
  test("follows its runs and the checks of its newest version", async () => {
    await clear(mia)
    const { db } = server.services
    const { id: projectId } = await mia.project.create.mutate({ title: "Status" })
    const status = async () => (await mia.project.get.query({ projectId })).status
    const setRun = (runId: string, outcome: "failed" | "completed") =>
      db.update(runs).set({ state: "finished", outcome, finishedAt: new Date() }).where(eq(runs.id, runId))
    const addBuild = (sha: string, state: BuildStatus) =>
      db.insert(builds).values({ id: newId(), projectId, sha, status: state, finishedAt: new Date() })
    expect(await status()).toBe("empty")

    const [first, second] = [newId(), newId()]
    await db.insert(runs).values({ id: first, projectId, userId: miaId, messageId: newId(), state: "queued" })
    expect(await status()).toBe("working")
    await setRun(first, "failed")
    expect(await status()).toBe("failed")
    await db.insert(runs).values({ id: second, projectId, userId: miaId, messageId: newId(), state: "running" })
    expect(await status()).toBe("working")
    await setRun(second, "completed")
    expect(await status()).toBe("empty")

    await addVersion(projectId, "1".repeat(40), 1)
    await addBuild("1".repeat(40), "running")
    expect(await status()).toBe("checking")
    await addBuild("1".repeat(40), "success")
    expect(await status()).toBe("ready")
    await addVersion(projectId, "2".repeat(40), 2)
    await addBuild("2".repeat(40), "failed")
    expect(await status()).toBe("failed")

    await db
      .update(projects)
      .set({ liveSha: "1".repeat(40) })
      .where(eq(projects.id, projectId))
    const project = await mia.project.get.query({ projectId })
    expect(project.liveUrl).toBe(`http://status.${server.services.config.previewDomain}`)
  })
})

describe("project.remove", () => {
  test("leaves nothing: rows, folders, repository", async () => {
    await clear(mia)
    const { db, config } = server.services
    const { id } = await mia.project.create.mutate({ title: "Gone" })
    const folders = ["workspaces", "data", "releases"].map((name) => join(config.dataDir, name, id))
    for (const folder of folders) mkdirSync(folder, { recursive: true })
    await mia.project.remove.mutate({ projectId: id })
    for (const folder of [...folders, join(config.dataDir, "repos", `${id}.git`)])
      expect(existsSync(folder)).toBe(false)
    expect(await db.select().from(events).where(eq(events.projectId, id))).toEqual([])
    expect(await errorOf(mia.project.get.query({ projectId: id }))).toBe("not_found")
    expect(await errorOf(mia.project.remove.mutate({ projectId: id }))).toBe("not_found")
  })
})
