import { afterEach, expect, test } from "bun:test"
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import postgres from "postgres"
import { z } from "zod"
import { startEmbedded } from "./embedded.ts"
import { isAlive } from "./postmaster.ts"

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gochat-pg-"))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function embedded(dataDir: string) {
  const server = await startEmbedded(dataDir)
  cleanups.push(() => server.stop())
  return server
}

async function query(url: string, text: string): Promise<postgres.Row[]> {
  const client = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    return [...(await client.unsafe(text))]
  } finally {
    await client.end({ timeout: 1 })
  }
}

const report = z.object({ pid: z.int().positive(), adopted: z.boolean(), url: z.string(), uid: z.int() })

/** A server process that starts the database, says where it is and waits to be killed. */
function holder(
  dataDir: string,
  prefix: string[] = [],
  env: Record<string, string> = {},
  projectRoot = join(import.meta.dir, "../../../.."),
) {
  const ports = join(projectRoot, "server/ports/database")
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(join(ports, "embedded/embedded.ts"))})
    const { holdServerLock } = await import(${JSON.stringify(join(ports, "server-lock.ts"))})
    try {
      const server = await startEmbedded(${JSON.stringify(dataDir)})
      await holdServerLock(server.url, () => {})
      console.log(JSON.stringify({ pid: server.pid, adopted: server.adopted, url: server.url, uid: process.getuid() }))
      setInterval(() => {}, 1000)
    } catch (error) {
      console.log(error.message)
      process.exit(1)
    }`
  const child = Bun.spawn([...prefix, process.execPath, "-e", script], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const end = async () => {
    child.kill("SIGKILL")
    await child.exited
  }
  cleanups.push(end)
  const said = async (): Promise<string> => {
    for await (const chunk of child.stdout) return new TextDecoder().decode(chunk).trim()
    return "nothing"
  }
  return { pid: child.pid, end, said, running: async () => report.parse(JSON.parse(await said())) }
}

test("after kill -9 of the server the same Postgres is adopted, with its data", async () => {
  const dataDir = dataFolder()
  const first = holder(dataDir)
  const { pid, url } = await first.running()
  await query(url, "create table kept as select 42 as n")
  await first.end()

  const second = await embedded(dataDir)
  expect(second).toMatchObject({ pid, adopted: true })
  expect(await query(second.url, "select n from kept")).toEqual([{ n: 42 }])
}, 20_000)

test.if(process.platform === "linux")(
  "Postgres has no right of root, none of our keys and a session of its own",
  async () => {
    const dataDir = dataFolder()
    const { pid } = await holder(dataDir, [], { CLAUDE_API_KEY: "sk-very-secret" }).running()
    cleanups.push(async () => (await startEmbedded(dataDir)).stop())
    expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("sk-very-secret")
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).not.toMatch(/^Uid:\s+0/m)
    // The sixth field is the session: Ctrl-C in our terminal does not reach it.
    expect(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[3]).toBe(String(pid))
  },
  20_000,
)

test("a second server on the same folder is refused with the pid of the first", async () => {
  const dataDir = dataFolder()
  const first = holder(dataDir)
  const { pid, url } = await first.running()
  cleanups.push(async () => (await startEmbedded(dataDir)).stop())
  expect(await holder(dataDir).said()).toContain(`with pid ${first.pid} uses this data already`)
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }])
  expect(isAlive(pid)).toBe(true)
}, 30_000)

test("a killed Postgres is started again at the same address, with what was committed", async () => {
  const server = await embedded(dataFolder())
  const before = server.pid
  await query(server.url, "create table kept as select generate_series(1, 1000) as n")
  process.kill(before, "SIGKILL")

  const until = Date.now() + 10_000
  while (server.pid === before && Date.now() < until) await Bun.sleep(20)
  expect(server.pid).not.toBe(before)
  expect(await query(server.url, "select count(*)::int as n from kept")).toEqual([{ n: 1000 }])
}, 20_000)

test("a server and its Postgres killed together come back with what was committed", async () => {
  const dataDir = dataFolder()
  const first = holder(dataDir)
  const { pid, url } = await first.running()
  await query(url, "create table kept as select generate_series(1, 1000) as n")
  await first.end()
  process.kill(pid, "SIGKILL")

  const second = await embedded(dataDir)
  expect(second.adopted).toBe(false)
  expect(await query(second.url, "select count(*)::int as n from kept")).toEqual([{ n: 1000 }])
}, 20_000)

test("a pid file that names another living process does not stop the start", async () => {
  const dataDir = dataFolder()
  const first = await startEmbedded(dataDir)
  await first.stop()
  const lines = [process.pid, "/elsewhere", 1, 5432, "", "127.0.0.1", "0 0", "ready   ", ""]
  writeFileSync(join(dataDir, "postgres/data/postmaster.pid"), lines.join("\n"))
  expect((await embedded(dataDir)).adopted).toBe(false)
}, 20_000)

test("a stopped database is at rest", async () => {
  const dataDir = dataFolder()
  const server = await startEmbedded(dataDir)
  await server.stop()
  expect(isAlive(server.pid)).toBe(false)
  expect(await Bun.file(join(dataDir, "postgres/data/postmaster.pid")).exists()).toBe(false)
}, 20_000)

test("only who has the password gets in, by loopback only", async () => {
  const server = await embedded(dataFolder())
  const wrong = new URL(server.url)
  wrong.password = "guess"
  expect(query(wrong.href, "select 1")).rejects.toThrow(/password authentication failed/)
  const settings = ["listen_addresses", "unix_socket_directories", "server_encoding", "fsync"]
  const shown = settings.map((name) => `current_setting('${name}') as ${name}`).join(", ")
  expect(await query(server.url, `select ${shown}`)).toEqual([
    { listen_addresses: "127.0.0.1", unix_socket_directories: "", server_encoding: "UTF8", fsync: "on" },
  ])
}, 20_000)

test("data of another major version is refused with the way out", async () => {
  const dataDir = dataFolder()
  mkdirSync(join(dataDir, "postgres/data"), { recursive: true })
  writeFileSync(join(dataDir, "postgres/data/PG_VERSION"), "17\n")
  expect(startEmbedded(dataDir)).rejects.toThrow(/written by Postgres 17 and this Go Chat brings Postgres 18: dump it/)
})

test.if(process.getuid?.() === 0)(
  "a plain user starts it too, in a folder that only they can enter",
  async () => {
    const dataDir = dataFolder()
    chmodSync(dataDir, 0o700)
    chownSync(dataDir, 65_534, 65_534)
    // A checkout may be closed to other people: the plain user sees it at a place of its own.
    const place = dataFolder()
    chmodSync(place, 0o755)
    const root = join(import.meta.dir, "../../../..")
    const seen = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', root, place]
    const plain = [...seen, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    const { pid, uid } = await holder(dataDir, plain, { HOME: dataDir }, place).running()
    cleanups.push(async () => (await startEmbedded(dataDir)).stop())
    expect(uid).toBe(65_534)
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^Uid:\s+65534\s/m)
  },
  20_000,
)
