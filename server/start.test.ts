import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "./lib/free-port.ts"
import { isAlive } from "./ports/database/embedded/postmaster.ts"
import { testEnvironment } from "./testing/steps.ts"
import { type SpawnedServer, spawnServer } from "./testing/spawned-server.ts"

const root = join(import.meta.dir, "..")
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "gochat-start-"))
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Starts a server that must refuse; returns what a person sees. */
async function refused(env: Record<string, string>, cwd = root) {
  const dataDir = env["DATA_DIR"] ?? folder()
  const child = Bun.spawn([process.execPath, "--no-env-file", join(root, "server/main.ts")], {
    cwd,
    env: { PATH: process.env["PATH"], PORT: String(await freePort()), DATA_DIR: dataDir, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  })
  const [words, code] = await Promise.all([new Response(child.stderr).text(), child.exited])
  return { words, code }
}

/** One line, as a sentence. */
const oneSentence = /^[^\n]+\.\n$/

describe("what stops a start is one sentence and exit code 1", () => {
  test("a port that another program has", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    cleanups.push(() => other.close())
    await new Promise((resolve) => other.once("listening", resolve))
    const address = other.address()
    const port = String(address && typeof address === "object" ? address.port : 0)
    const dataDir = folder()
    const { words, code } = await refused({ PORT: port, DATA_DIR: dataDir })
    expect(words).toMatch(oneSentence)
    expect(words).toStartWith(`Port ${port} is taken by another program`)
    expect(code).toBe(1)
    // Nothing was begun.
    expect(existsSync(join(dataDir, "postgres"))).toBe(false)
  })

  test("a data folder that cannot be written", async () => {
    const { words, code } = await refused({ DATA_DIR: "/dev/null/data" })
    expect(words).toMatch(oneSentence)
    expect(words).toStartWith("The data folder cannot be used: /dev/null/data")
    expect(code).toBe(1)
  })

  test("a value that cannot be used, and no secret in the sentence", async () => {
    const { words, code } = await refused({ MAX_CONCURRENT_CHATS: "many" })
    expect(words).toBe(
      'MAX_CONCURRENT_CHATS is "many" and must be a whole number of at least 1, for example MAX_CONCURRENT_CHATS=100.\n',
    )
    expect(code).toBe(1)
  })

  test("a database that is not there, without its password", async () => {
    const { words, code } = await refused({
      DATABASE_URL: `postgres://me:hush-hush@127.0.0.1:${await freePort()}/gochat`,
    })
    expect(words).toMatch(oneSentence)
    expect(words).toStartWith("The database that DATABASE_URL names cannot be reached")
    expect(words).not.toContain("hush-hush")
    expect(code).toBe(1)
  })
})

describe("a running server", () => {
  let server: SpawnedServer
  beforeAll(async () => {
    server = await spawnServer({ CLAUDE_API_KEY: "sk-ant-very-secret" })
  }, 60_000)
  afterAll(() => server.close(), 30_000)

  const pidFile = () => join(server.dataDir, "postgres/data/postmaster.pid")
  const postmaster = () => Number(readFileSync(pidFile(), "utf8").split("\n")[0])
  const asksDatabase = async () => (await fetch(`${server.url}/trpc/system.info`)).status

  test("says where it is and in which mode each part works, and no key", () => {
    const said = server.output()
    expect(said).toContain(`Address   http://gochat.localhost:${server.port}`)
    for (const part of [
      "Model     anthropic",
      "Checks    local",
      "Sandbox   process",
      "Database  embedded Postgres 18",
    ]) {
      expect(said).toContain(part)
    }
    expect(said).not.toContain("very-secret")
  })

  test("is healthy by all three names", async () => {
    for (const host of ["gochat.localhost", "localhost", "127.0.0.1"]) {
      const answer = await fetch(`${server.url}/health`, { headers: { host: `${host}:${server.port}` } })
      expect(answer.status).toBe(200)
    }
  })

  test("refuses a second one on its port and on its data, with its pid, and stays as it was", async () => {
    const samePort = await refused({ PORT: String(server.port), DATA_DIR: server.dataDir })
    expect(samePort.words).toContain(`taken by this Go Chat, which runs already with pid ${server.pid}`)
    const sameData = await refused({ DATA_DIR: server.dataDir })
    expect(sameData.words).toContain(`Another Go Chat server with pid ${server.pid} uses this data already`)
    expect([samePort.code, sameData.code]).toEqual([1, 1])
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    expect(readFileSync(join(server.dataDir, "server.pid"), "utf8")).toStartWith(`${server.pid} `)
  }, 30_000)

  test("goes on after its Postgres was killed", async () => {
    const before = postmaster()
    process.kill(before, "SIGKILL")
    const until = Date.now() + 15_000
    const works = async () => existsSync(pidFile()) && postmaster() !== before && (await asksDatabase()) === 200
    while (Date.now() < until && !(await works())) await Bun.sleep(20)
    expect(postmaster()).not.toBe(before)
    expect(await asksDatabase()).toBe(200)
  }, 30_000)

  test("killed and started again, it adopts its Postgres; ended well, it takes it along", async () => {
    const before = postmaster()
    await server.end("SIGKILL")
    expect(isAlive(before)).toBe(true)
    await server.restart()
    expect(postmaster()).toBe(before)

    const began = Date.now()
    expect(await server.end("SIGTERM")).toBe(0)
    expect(Date.now() - began).toBeLessThan(10_000)
    expect(isAlive(before)).toBe(false)
    expect(existsSync(join(server.dataDir, "server.pid"))).toBe(false)
  }, 60_000)
})

test("bun start, from another folder: SIGTERM to it ends the server and its Postgres", async () => {
  const dataDir = folder()
  const port = await freePort()
  const start = Bun.spawn([process.execPath, "--cwd", root, "start"], {
    cwd: "/",
    env: {
      ...testEnvironment(
        { PATH: process.env["PATH"], HOME: process.env["HOME"] },
        readFileSync(join(root, ".env.example"), "utf8"),
      ),
      PORT: String(port),
      DATA_DIR: dataDir,
    },
    stdio: ["ignore", "ignore", "pipe"],
  })
  cleanups.push(() => start.kill("SIGKILL"))
  const until = Date.now() + 60_000
  while (Date.now() < until && !(await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.ok)
    await Bun.sleep(20)
  const [pid = 0] = readFileSync(join(dataDir, "server.pid"), "utf8").split(" ").map(Number)
  expect(isAlive(pid)).toBe(true)

  start.kill("SIGTERM")
  await start.exited
  const gone = Date.now() + 10_000
  while (Date.now() < gone && isAlive(pid)) await Bun.sleep(20)
  expect(isAlive(pid)).toBe(false)
  expect(existsSync(join(dataDir, "postgres/data/postmaster.pid"))).toBe(false)
}, 90_000)
