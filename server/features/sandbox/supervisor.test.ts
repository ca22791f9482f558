import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { and, asc, desc, eq } from "drizzle-orm"
import { pino } from "pino"
import { user } from "../../../drizzle/schema/account.ts"
import { builds } from "../../../drizzle/schema/build.ts"
import { events } from "../../../drizzle/schema/event.ts"
import { projects } from "../../../drizzle/schema/project.ts"
import { sandboxes as stored } from "../../../drizzle/schema/sandbox.ts"
import { versions } from "../../../drizzle/schema/version.ts"
import type { ProjectEvent } from "../../../shared/events.ts"
import { AppError } from "../../app-error.ts"
import { type Config, loadConfig } from "../../config.ts"
import type { Ctx, Services } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { createGitRepository } from "../../ports/repository/git/create-git-repository.ts"
import { type Endpoint, SandboxError } from "../../ports/sandbox/port.ts"
import { createProcessSandbox } from "../../ports/sandbox/process/create-process-sandbox.ts"
import { testDatabase, type TestDatabase } from "../../testing/database.ts"
import { until } from "../../testing/until.ts"
import { Hub } from "../event/hub.ts"
import { inTransaction } from "../event/transaction.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { projectChanged } from "../project/changed.ts"
import { createProject } from "../project/create.ts"
import { getSandbox } from "./get.ts"
import { readSandboxLog } from "./log.ts"
import { startSandbox } from "./start.ts"
import { stopSandbox } from "./stop.ts"
import type { Sandboxes } from "./sandboxes.ts"
import { createSandboxes } from "./supervisor.ts"
import type { AppProject } from "./target.ts"

setDefaultTimeout(30_000)

let dataDir: string
let database: TestDatabase
let base: Services
let config: Config
let ctx: Ctx
let sandboxes: Sandboxes
const faults: unknown[] = []

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "gochat-supervisor-"))
  database = await testDatabase()
  const { db } = database
  config = loadConfig({ DATA_DIR: dataDir, PORT: "4321", MAX_PROJECTS_PER_USER: "100", LOG_LEVEL: "fatal" })
  const log = pino({ level: "silent" })
  base = {
    config,
    log: Object.assign(log, { error: (fault: unknown) => void faults.push(fault) }),
    db,
    hub: new Hub({ db, notifies: false, onError: (error) => void faults.push(error) }),
    repository: createGitRepository({ reposDir: join(dataDir, "repos") }),
    sandbox: await createProcessSandbox({ dataDir, log }),
  } as unknown as Services
})

beforeEach(async () => {
  faults.length = 0
  ctx = await person()
  sandboxes = supervise()
})

afterEach(async () => {
  await sandboxes.close()
  expect(base.sandbox.running()).toEqual([])
  expect(faults).toEqual([])
})

afterAll(async () => {
  await base.sandbox.close()
  await database.close()
  rmSync(dataDir, { recursive: true, force: true })
})

function supervise(overrides: Partial<Config> = {}): Sandboxes {
  base.config = Object.freeze({ ...config, ...overrides })
  base.sandboxes = createSandboxes(base)
  return base.sandboxes
}

async function person(): Promise<Ctx> {
  const id = newId()
  await base.db.insert(user).values({ id, name: "Mia", email: `${id}@example.com` })
  return Object.create(base, {
    actor: { value: { type: "user", userId: id, role: "user", sessionId: newId() } },
    requestId: { value: "test" },
  }) as Ctx
}

/** An app that answers with its word, its process and how often one like it was started. */
const server = (word: string, before = "") => `
import { appendFileSync, readFileSync } from "node:fs"
${before}
appendFileSync(process.env.DATA_DIR + "/starts", "x")
console.log("started ${word}")
Bun.serve({ port: process.env.PORT, hostname: "127.0.0.1", fetch: (request) => {
  if (new URL(request.url).pathname === "/die") process.exit(9)
  return Response.json({ word: "${word}", starts: readFileSync(process.env.DATA_DIR + "/starts", "utf8").length })
} })
`
const devcontainer = { customizations: { gochat: { dev: "bun server.js", start: "bun server.js" } } }

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

async function project(word = "draft"): Promise<AppProject & { root: string }> {
  const { id, slug } = await createProject(ctx, { title: `Shop ${newId().slice(-6)}` })
  const root = workspaceRoot(config, id)
  write(root, ".devcontainer/devcontainer.json", JSON.stringify(devcontainer))
  write(root, "server.js", server(word))
  return { id, slug, liveSha: null, root }
}

/** Commits the workspace with this app and makes it live. */
async function publish(app: AppProject & { root: string }, source: string): Promise<AppProject> {
  write(app.root, "server.js", source)
  const author = { name: "Test", email: "test@example.com" }
  const input = { workTree: app.root, message: "version", author, ref: "refs/heads/main" }
  const commit = await base.repository.commit(app.id, input)
  if (commit === null) throw new Error("nothing to commit")
  await inTransaction(base, async (tx) => {
    await tx.update(projects).set({ liveSha: commit.sha }).where(eq(projects.id, app.id))
    await projectChanged(base, tx, app.id)
  })
  return { ...app, liveSha: commit.sha }
}

const ask = async ({ host, port }: Endpoint, path = "/"): Promise<{ word: string; starts: number }> =>
  (await fetch(`http://${host}:${port}${path}`)).json() as Promise<{ word: string; starts: number }>

async function told(projectId: string): Promise<string[]> {
  const rows = await base.db
    .select({ body: events.body })
    .from(events)
    .where(and(eq(events.projectId, projectId), eq(events.type, "sandbox.changed")))
    .orderBy(asc(events.seq))
  return rows.map(({ body }) => {
    const event = body as unknown as ProjectEvent & { type: "sandbox.changed" }
    return `${event.kind} ${event.state}`
  })
}

const kindOf = (error: unknown) => (error instanceof AppError ? error.kind : error)

describe("draft", () => {
  test("many who come at once start it once, and its states are stored and told", async () => {
    const shop = await project()
    expect(sandboxes.stateOf(shop.id, "draft", null).state).toBe("absent")
    const endpoints = await Promise.all([1, 2, 3, 4, 5].map(() => sandboxes.wake(shop, "draft", null)))
    expect(new Set(endpoints.map(({ port }) => port)).size).toBe(1)
    expect(await ask(endpoints[0]!)).toEqual({ word: "draft", starts: 1 })
    expect(sandboxes.stateOf(shop.id, "draft", null)).toEqual({
      kind: "draft",
      state: "ready",
      url: `http://draft--${shop.slug}.preview.gochat.localhost:4321`,
      sha: null,
      reason: null,
      cause: null,
    })
    await sandboxes.stop(shop.id, "draft", null)
    const states = await told(shop.id)
    expect(states[0]).toBe("draft starting")
    expect(states.slice(-2)).toEqual(["draft ready", "draft asleep"])
    const [row] = await base.db.select().from(stored).where(eq(stored.projectId, shop.id))
    expect(row).toMatchObject({ kind: "draft", sha: "", state: "asleep" })
  })

  test("falls asleep when nobody uses it, never under a command, and wakes with its data", async () => {
    sandboxes = supervise({ containerIdleMinutes: 0.5 / 60 })
    await sandboxes.start()
    const shop = await project()
    await sandboxes.wake(shop, "draft", null)
    const result = await sandboxes.exec(shop.id, {
      command: "sleep 1.5; echo awake",
      timeoutMs: 10_000,
      signal: new AbortController().signal,
    })
    expect(result).toMatchObject({ exitCode: 0, output: "awake\n" })
    expect(sandboxes.stateOf(shop.id, "draft", null).state).toBe("ready")
    for (let round = 0; round < 10; round++) {
      sandboxes.touch({ projectId: shop.id, kind: "draft", ref: "" })
      await Bun.sleep(100)
    }
    expect(sandboxes.stateOf(shop.id, "draft", null).state).toBe("ready")
    await until(() => sandboxes.stateOf(shop.id, "draft", null).state === "asleep")
    expect(base.sandbox.running()).toEqual([])
    expect(await ask(await sandboxes.wake(shop, "draft", null))).toEqual({ word: "draft", starts: 2 })
  })

  test("what fails says why, is not tried again for each request, and is when the files changed", async () => {
    const shop = await project()
    write(
      shop.root,
      "server.js",
      'require("node:fs").appendFileSync(process.env.DATA_DIR + "/starts", "x")\nthrow new Error("the shelf is empty")\n',
    )
    const first = await sandboxes.wake(shop, "draft", null).catch((error: unknown) => error)
    expect(kindOf(first)).toBe("sandbox_failed")
    expect((first as AppError).detail).toContain("the shelf is empty")
    expect(sandboxes.stateOf(shop.id, "draft", null)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("the shelf is empty"),
    })
    expect(await sandboxes.wake(shop, "draft", null).catch(kindOf)).toBe("sandbox_failed")
    const starts = () => readFileSync(join(dataDir, "data", shop.id, "draft", "starts"), "utf8").length
    expect(starts()).toBe(1)
    expect(await sandboxes.wake(shop, "draft", null, true).catch(kindOf)).toBe("sandbox_failed")
    expect(starts()).toBe(2)
    write(shop.root, "server.js", server("mended"))
    expect((await ask(await sandboxes.wake(shop, "draft", null))).word).toBe("mended")
  })

  test("an app that dies later says so, and gets up when its files changed", async () => {
    const shop = await project()
    const endpoint = await sandboxes.wake(shop, "draft", null)
    await fetch(`http://127.0.0.1:${endpoint.port}/die`).catch(() => null)
    await until(() => sandboxes.stateOf(shop.id, "draft", null).state === "failed")
    expect(sandboxes.stateOf(shop.id, "draft", null)).toMatchObject({
      reason: expect.stringContaining("code 9"),
      cause: "app",
    })
    expect(await sandboxes.wake(shop, "draft", null).catch(kindOf)).toBe("sandbox_failed")
    expect((await ask(await sandboxes.wake(shop, "draft", null, true))).starts).toBe(2)
  })

  test("what runs apps being away is told apart from a failing app, also after a restart", async () => {
    const shop = await project()
    const { sandbox } = base
    base.sandbox = Object.create(sandbox, {
      start: { value: () => Promise.reject(new SandboxError("Nothing runs apps now.", "", "unavailable")) },
    })
    try {
      expect(await sandboxes.wake(shop, "draft", null).catch(kindOf)).toBe("sandbox_failed")
    } finally {
      base.sandbox = sandbox
    }
    const failed = { state: "failed", reason: "Nothing runs apps now.", cause: "engine" }
    const [last] = await base.db
      .select({ body: events.body })
      .from(events)
      .where(and(eq(events.projectId, shop.id), eq(events.type, "sandbox.changed")))
      .orderBy(desc(events.seq))
      .limit(1)
    expect(last?.body).toMatchObject(failed)
    await sandboxes.close()
    sandboxes = supervise()
    await sandboxes.start()
    expect(sandboxes.stateOf(shop.id, "draft", null)).toMatchObject(failed)
    await sandboxes.wake(shop, "draft", null, true)
    expect(sandboxes.stateOf(shop.id, "draft", null)).toMatchObject({ state: "ready", reason: null, cause: null })
  })

  test("restarts when what its server imports changed, and stays asleep when it sleeps", async () => {
    const shop = await project()
    write(shop.root, "lib/words.js", 'export const word = "old"')
    write(shop.root, "server.js", server("draft", 'import { word } from "./lib/words.js"; console.log(word)'))
    await sandboxes.wake(shop, "draft", null)
    write(shop.root, "lib/words.js", 'export const word = "new"')
    sandboxes.refreshDraft(shop.id)
    await until(() => sandboxes.log(shop.id, "draft", null).includes("new"))
    const after = await sandboxes.wake(shop, "draft", null)
    expect((await ask(after)).starts).toBe(2)
    await sandboxes.stop(shop.id, "draft", null)
    write(shop.root, "lib/words.js", 'export const word = "newer"')
    sandboxes.refreshDraft(shop.id)
    expect(sandboxes.stateOf(shop.id, "draft", null).state).toBe("asleep")
  })

  test("nothing is shown of a project without files, and a stop calls a start off", async () => {
    const shop = await project()
    rmSync(shop.root, { recursive: true })
    const error = await sandboxes.wake(shop, "draft", null).catch((error: unknown) => error)
    expect((error as AppError).detail).toContain("nothing to show yet")
    write(shop.root, "server.js", "setInterval(() => {}, 1000)")
    write(shop.root, ".devcontainer/devcontainer.json", JSON.stringify(devcontainer))
    const waking = sandboxes.wake(shop, "draft", null).catch((error: unknown) => error)
    await until(() => sandboxes.stateOf(shop.id, "draft", null).reason === "Starting your app…")
    await sandboxes.stop(shop.id, "draft", null)
    expect(kindOf(await waking)).toBe("sandbox_failed")
    expect(sandboxes.stateOf(shop.id, "draft", null).state).toBe("asleep")
  })
})

describe("limit", () => {
  test("at the limit the longest idle app of the same person sleeps; one in use never does", async () => {
    sandboxes = supervise({ maxContainersPerUser: 2, containerIdleMinutes: 0.4 / 60 })
    const [first, second, third] = [await project("1"), await project("2"), await project("3")]
    await sandboxes.wake(first, "draft", null)
    await sandboxes.wake(second, "draft", null)
    for (const { id } of [first, second]) sandboxes.touch({ projectId: id, kind: "draft", ref: "" })
    expect(await sandboxes.wake(third, "draft", null).catch(kindOf)).toBe("limit_containers")
    expect(sandboxes.stateOf(third.id, "draft", null)).toMatchObject({ state: "absent", cause: "limit" })
    // Another person has room of their own.
    const mine = ctx
    ctx = await person()
    await sandboxes.wake(await project("4"), "draft", null)
    ctx = mine
    await until(async () => {
      sandboxes.touch({ projectId: second.id, kind: "draft", ref: "" })
      return sandboxes.wake(third, "draft", null).then(
        () => true,
        () => false,
      )
    })
    expect(sandboxes.stateOf(first.id, "draft", null)).toMatchObject({
      state: "asleep",
      reason: expect.stringContaining("place"),
    })
    expect(sandboxes.stateOf(second.id, "draft", null).state).toBe("ready")
  })

  test("in containers a command takes a place, also for the next one", async () => {
    const { sandbox } = base
    base.sandbox = Object.create(sandbox, { mode: { value: "docker" } })
    try {
      sandboxes = supervise({ maxContainersPerUser: 1 })
      const [first, second] = [await project("1"), await project("2")]
      const command = (id: string) =>
        sandboxes.exec(id, { command: "true", timeoutMs: 10_000, signal: new AbortController().signal })
      rmSync(join(first.root, ".devcontainer"), { recursive: true })
      expect((await command(first.id)).exitCode).toBe(0)
      expect(await command(second.id).catch(kindOf)).toBe("limit_containers")
      expect((await command(first.id)).exitCode).toBe(0)
      expect(await sandboxes.wake(second, "draft", null).catch(kindOf)).toBe("limit_containers")
    } finally {
      base.sandbox = sandbox
    }
  })

  test("two that start at once do not both take the last place", async () => {
    sandboxes = supervise({ maxContainersPerUser: 1 })
    const [first, second] = [await project("1"), await project("2")]
    const results = await Promise.all(
      [first, second].map((one) => sandboxes.wake(one, "draft", null).then(() => "up", kindOf)),
    )
    expect(results.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(["limit_containers", "up"])
  })
})

describe("live", () => {
  test("the old version serves until the new one answers, and no request fails in between", async () => {
    await sandboxes.start()
    const shop = await project()
    const first = await publish(shop, server("one"))
    expect((await ask(await sandboxes.wake(first, "live", first.liveSha))).word).toBe("one")
    expect(sandboxes.liveEndpoint(shop.id)).not.toBeNull()
    const seen = new Set<string>()
    let failures = 0
    const asking = new AbortController()
    const visitor = (async () => {
      while (!asking.signal.aborted) {
        const endpoint = await sandboxes.wake(first, "live", first.liveSha)
        await ask(endpoint).then(
          ({ word }) => seen.add(word),
          () => failures++,
        )
      }
    })()
    const second = await publish(shop, server("two", "await Bun.sleep(400)"))
    sandboxes.prepareLive(shop.id)
    await until(() => seen.has("two") && base.sandbox.running().length === 1)
    asking.abort()
    await visitor
    expect([...seen]).toEqual(["one", "two"])
    expect(failures).toBe(0)
    expect(sandboxes.stateOf(shop.id, "live", null)).toMatchObject({
      state: "ready",
      sha: second.liveSha,
      url: `http://${shop.slug}.preview.gochat.localhost:4321`,
    })
    const rows = await base.db.select().from(stored).where(eq(stored.projectId, shop.id))
    expect(rows.map(({ sha }) => sha)).toEqual([second.liveSha!])
  })

  test("a new version that does not start leaves the old one live, with a reason", async () => {
    await sandboxes.start()
    const shop = await project()
    const first = await publish(shop, server("good"))
    await sandboxes.wake(first, "live", first.liveSha)
    await publish(shop, 'throw new Error("broken for good")')
    await until(() => sandboxes.stateOf(shop.id, "live", null).reason?.includes("broken for good") === true)
    expect(sandboxes.stateOf(shop.id, "live", null)).toMatchObject({ state: "ready", sha: first.liveSha })
    expect((await ask(sandboxes.liveEndpoint(shop.id)!)).word).toBe("good")
  })

  test("the newest three green versions stay installed, however many others were looked at", async () => {
    const shop = await project()
    const config = { ...devcontainer, postCreateCommand: 'echo x >> "$DATA_DIR/installs"' }
    write(shop.root, ".devcontainer/devcontainer.json", JSON.stringify(config))
    const release = (sha: string | null) => existsSync(join(dataDir, "releases", shop.id, sha ?? ""))
    const shas: (string | null)[] = []
    for (let number = 1; number <= 4; number++) {
      const { liveSha } = await publish(shop, server(`version ${number}`))
      shas.push(liveSha)
      const row = { projectId: shop.id, sha: liveSha ?? "" }
      const facts = { number, title: "version", files: 1, added: 1, removed: 0 }
      await base.db.insert(versions).values({ ...row, ...facts })
      await base.db.insert(builds).values({ ...row, id: newId(), status: "success" })
      sandboxes.prepareLive(shop.id)
      const installs = join(dataDir, "data", shop.id, "live", "installs")
      await until(() => existsSync(installs) && readFileSync(installs, "utf8").length === number * 2)
      for (let look = 0; look < 3; look++) {
        mkdirSync(join(dataDir, "releases", shop.id, `version-${number}-${look}`), { recursive: true })
      }
    }
    await until(() => [0, 1, 2].every((look) => !release(`version-2-${look}`)))
    expect(shas.map(release)).toEqual([false, true, true, true])
  })

  test("when nobody looks it is made ready but not started; versions have data of their own", async () => {
    const shop = await project()
    const first = await publish(shop, server("one"))
    sandboxes.prepareLive(shop.id)
    await until(() => Bun.file(join(dataDir, "releases", shop.id, first.liveSha!, "server.js")).size > 0)
    expect(base.sandbox.running()).toEqual([])
    await sandboxes.wake(first, "live", first.liveSha)
    const version = await sandboxes.wake(first, "version", first.liveSha!.slice(0, 7))
    expect(await ask(version)).toEqual({ word: "one", starts: 1 })
    expect(sandboxes.stateOf(shop.id, "version", first.liveSha).url).toContain(
      `${first.liveSha!.slice(0, 7)}--${shop.slug}`,
    )
    expect(await sandboxes.wake(shop, "version", "0123456").catch(kindOf)).toBe("not_found")
    expect(await sandboxes.wake(await project(), "live", null).catch(kindOf)).toBe("not_found")
  })
})

describe("around it", () => {
  test("what an earlier server left running sleeps after a start, and watchers hear it", async () => {
    const shop = await project()
    await base.db.insert(stored).values({ projectId: shop.id, kind: "draft", state: "ready" })
    await sandboxes.start()
    expect(sandboxes.stateOf(shop.id, "draft", null).state).toBe("asleep")
    expect(await told(shop.id)).toEqual(["draft asleep"])
  })

  test("a removed project leaves nothing running and nothing to tell", async () => {
    const shop = await project()
    await sandboxes.wake(shop, "draft", null)
    await sandboxes.removeProject(shop.id)
    expect(base.sandbox.running()).toEqual([])
    await base.db.delete(projects).where(eq(projects.id, shop.id))
    expect(await sandboxes.wake(shop, "draft", null).catch(kindOf)).toBe("not_found")
  })

  test("a command has the app's variables and data, and runs though nothing can be installed", async () => {
    const shop = await project()
    const config = { ...devcontainer, containerEnv: { SHOP: "mia's" }, postCreateCommand: "exit 1" }
    write(shop.root, ".devcontainer/devcontainer.json", JSON.stringify(config))
    const result = await sandboxes.exec(shop.id, {
      command: 'echo "$SHOP" && echo kept > "$DATA_DIR/kept" && ls',
      timeoutMs: 10_000,
      signal: new AbortController().signal,
    })
    expect(result.output).toBe("mia's\nserver.js\n")
    expect(readFileSync(join(dataDir, "data", shop.id, "draft", "kept"), "utf8")).toBe("kept\n")
  })

  test("the first command also shows the draft; one that was put to sleep stays asleep", async () => {
    const shop = await project()
    const input = { command: "true", timeoutMs: 10_000, signal: new AbortController().signal }
    await sandboxes.exec(shop.id, input)
    await until(() => sandboxes.stateOf(shop.id, "draft", null).state === "ready")
    await sandboxes.stop(shop.id, "draft", null)
    await sandboxes.exec(shop.id, input)
    expect(sandboxes.stateOf(shop.id, "draft", null).state).toBe("asleep")
  })

  test("the verbs are for members, answer with the state, and give the log", async () => {
    const shop = await project()
    const input = { projectId: shop.id, kind: "draft" as const }
    expect(await getSandbox(ctx, input)).toMatchObject({ state: "absent", url: expect.stringContaining("draft--") })
    expect(await startSandbox(ctx, input)).toMatchObject({ state: "ready" })
    expect((await readSandboxLog(ctx, input)).text).toBe("started draft\n")
    expect(await stopSandbox(ctx, input)).toMatchObject({ state: "asleep" })
    write(shop.root, "server.js", 'throw new Error("no luck")')
    expect(await startSandbox(ctx, input)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("no luck"),
    })
    expect(await startSandbox(ctx, { ...input, kind: "version" }).catch(kindOf)).toBe("bad_input")
    expect(await startSandbox(ctx, { ...input, kind: "version", sha: "abcdef1" }).catch(kindOf)).toBe("not_found")
    const stranger = await person()
    for (const verb of [getSandbox, startSandbox, stopSandbox, readSandboxLog]) {
      expect(await verb(stranger, input).catch(kindOf)).toBe("not_found")
    }
  })
})
