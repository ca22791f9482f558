/**
 * `bun run bench:stream`: time to the first token added, delivery at 100 and 1,000 live runs, processor time a delivered
 * event beside plain Elysia, idle streams, and rows a second of the event log. The model is a paced one in the server's
 * process; accounts, storage and log are all on.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { projects } from "../../drizzle/schema/project.ts"
import { streams } from "../../drizzle/schema/event.ts"
import type { GoChatClient } from "../../shared/client.ts"
import { storeBatch } from "../features/event/store.ts"
import { freePort } from "../lib/free-port.ts"
import { newId } from "../lib/ids.ts"
import { testDatabase } from "../testing/database.ts"
import { signUp } from "../testing/spawned-server.ts"
import { type Child, startChild } from "./child.ts"
import { machine } from "./machine.ts"
import { clock } from "./paced-model.ts"
import { quantile } from "./quantile.ts"
import { openRawStream } from "./raw-stream.ts"

const dataDir = mkdtempSync(join(tmpdir(), "go-chat-bench-"))
const port = await freePort()
const url = `http://127.0.0.1:${port}`

let broken = 0
function report(name: string, value: number, unit: string, promise?: { most?: number; least?: number }): void {
  const kept =
    (promise?.most === undefined || value <= promise.most) && (promise?.least === undefined || value >= promise.least)
  if (!kept) broken++
  const bound =
    promise === undefined
      ? ""
      : promise.most === undefined
        ? `promised ≥ ${promise.least}`
        : `promised ≤ ${promise.most.toFixed(1)}`
  console.log(`${name.padEnd(58)} ${value.toFixed(1).padStart(10)} ${unit.padEnd(8)} ${bound}${kept ? "" : "  BROKEN"}`)
}

interface Live {
  lags: number[]
  events: number
  close: () => void
  done: Promise<void>
}

/** Watches a project and notes for every piece how old it is when it arrives. */
function watch(projectId: string, key: string, lastEventId?: string): Live & { opened: Promise<void> } {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const live = { lags: [] as number[], events: 0 }
  const input = encodeURIComponent(JSON.stringify({ projectId, lastEventId }))
  const stream = openRawStream(port, `/trpc/event.watch?input=${input}`, { "x-api-key": key }, (text) => {
    const now = clock()
    for (const [, json] of text.matchAll(/^data: (\{"seq".*)$/gm)) {
      live.events++
      if (json === undefined) continue
      if (json.includes('"message.delta"')) {
        for (const [time] of json.matchAll(/\d{13}\.\d\d/g)) live.lags.push(now - Number(time))
      }
      if (json.includes('"run.finished"')) resolve()
    }
  })
  return Object.assign(live, { opened: stream.opened, close: stream.close, done })
}

async function inGroups<T>(items: T[], size: number, work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += size) await Promise.all(items.slice(from, from + size).map(work))
}

async function makeProjects(client: GoChatClient, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, newId)
  await inGroups(ids, 20, (id) => client.project.create.mutate({ id, title: "Bench" }))
  return ids
}

/** All runs at once, each `pieces` of text with a pause between. Measured from the time all have begun until the first ends. */
async function steady(client: GoChatClient, key: string, ids: string[], pieces: number, pauseMs: number) {
  const places = new Map<string, string>()
  await inGroups(ids, 20, async (projectId) => places.set(projectId, await placeOf(client, projectId)))
  const watching = ids.map((projectId) => watch(projectId, key, places.get(projectId)))
  await Promise.all(watching.map((one) => one.opened))
  await inGroups(ids, 20, (projectId) => client.chat.send.mutate({ projectId, content: `go ${pieces} ${pauseMs}` }))
  while (watching.some((one) => one.lags.length < 2)) await Bun.sleep(50)
  for (const one of watching) one.lags.length = 0
  const from = { cpu: server.cpuMicros(), events: count(watching), at: performance.now() }
  await Promise.race(watching.map((one) => one.done))
  const to = { cpu: server.cpuMicros(), events: count(watching), at: performance.now() }
  const lags = watching.flatMap((one) => one.lags)
  await Promise.all(watching.map((one) => one.done))
  for (const one of watching) one.close()
  const events = to.events - from.events
  return { lags, microsEach: (to.cpu - from.cpu) / events, perSecond: (events * 1000) / (to.at - from.at) }
}

const placeOf = async (client: GoChatClient, projectId: string) =>
  String((await client.chat.history.query({ projectId, limit: 1 })).seq)

const count = (watching: Live[]) => watching.reduce((sum, one) => sum + one.events, 0)

/** People who ask again some time after they were answered, so that about `ids.length` runs are under way. */
async function firstToken(client: GoChatClient, key: string): Promise<void> {
  const ids = await makeProjects(client, 50)
  const first: number[] = []
  await Promise.all(
    ids.map(async (projectId, index) => {
      await Bun.sleep(index * 60)
      for (let turn = 0; turn < 4; turn++) {
        const one = watch(projectId, key, await placeOf(client, projectId))
        await one.opened
        await client.chat.send.mutate({ projectId, content: `go 60 50` })
        await one.done
        first.push(one.lags[0] ?? Number.NaN)
        one.close()
      }
    }),
  )
  report("first token added, 50 parallel runs, p50", quantile(first, 0.5), "ms", { most: 3 })
  report("first token added, 50 parallel runs, p99", quantile(first, 0.99), "ms", { most: 25 })
}

async function delivery(client: GoChatClient, key: string): Promise<number> {
  const ids = await makeProjects(client, 1000)
  const hundred = await steady(client, key, ids.slice(0, 100), 200, 50)
  report("delivery, 100 live runs at 20 pieces a second, p50", quantile(hundred.lags, 0.5), "ms")
  report("delivery, 100 live runs at 20 pieces a second, p95", quantile(hundred.lags, 0.95), "ms", { most: 50 })
  const thousand = await steady(client, key, ids, 120, 250)
  report("delivery, 1,000 live runs at 4 pieces a second, p50", quantile(thousand.lags, 0.5), "ms")
  report("delivery, 1,000 live runs at 4 pieces a second, p95", quantile(thousand.lags, 0.95), "ms")
  report("events delivered a second, 1,000 live runs", thousand.perSecond, "/s")
  report("processor time a delivered event, 1,000 live runs", thousand.microsEach, "µs")
  return thousand.microsEach
}

async function plainElysia(): Promise<number> {
  const other = await freePort()
  await using child: Child = await startChild("elysia-server.ts", { PORT: String(other) })
  let events = 0
  const cpu = child.cpuMicros()
  const open = Array.from({ length: 1000 }, () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let seen = 0
    const stream = openRawStream(other, "/events?pieces=40&pause=250", { connection: "close" }, (text) => {
      const count = text.match(/^data: /gm)?.length ?? 0
      events += count
      seen += count
      if (seen >= 40) resolve()
    })
    return { stream, promise }
  })
  await Promise.all(open.map((one) => one.promise))
  const each = (child.cpuMicros() - cpu) / events
  for (const { stream } of open) stream.close()
  report("the same with plain Elysia, nothing stored", each, "µs")
  return each
}

async function idle(client: GoChatClient, key: string): Promise<void> {
  const [projectId] = await makeProjects(client, 1)
  if (projectId === undefined) return
  const warm = Array.from({ length: 200 }, () => watch(projectId, key))
  await Promise.all(warm.map((one) => one.opened))
  for (const one of warm) one.close()
  const before = server.rssKb()
  const count = 10_000
  const open: Live[] = []
  for (let group = 0; group < count / 250; group++) {
    const some = Array.from({ length: 250 }, () => watch(projectId, key))
    await Promise.all(some.map((one) => one.opened))
    open.push(...some)
  }
  report(`memory an idle stream, ${count} open`, (server.rssKb() - before) / count, "KB", { most: 7 })
  for (const one of open) one.close()
}

async function eventLog(): Promise<void> {
  const database = await testDatabase()
  const ids = Array.from({ length: 1000 }, newId)
  await database.db.insert(projects).values(ids.map((id) => ({ id, title: "Bench", template: "static" })))
  await database.db.insert(streams).values(ids.map((projectId) => ({ projectId })))
  const messageId = newId()
  const batch = ids.map((projectId) => ({
    projectId,
    subjectId: messageId,
    fence: null,
    news: { type: "message.delta" as const, messageId, text: "about a dozen characters" },
  }))
  for (let warm = 0; warm < 20; warm++) await storeBatch(database.db, batch, false)
  const times: number[] = []
  const began = performance.now()
  for (let turn = 0; turn < 200; turn++) {
    const start = performance.now()
    await storeBatch(database.db, batch, false)
    times.push(performance.now() - start)
  }
  const seconds = (performance.now() - began) / 1000
  report("event log, rows a second in batches of 1,000 projects", (200 * 1000) / seconds, "rows/s", { least: 25_000 })
  const small = batch.slice(0, 100)
  const quick: number[] = []
  for (let turn = 0; turn < 300; turn++) {
    const start = performance.now()
    await storeBatch(database.db, small, false)
    quick.push(performance.now() - start)
  }
  report("event log, a batch of 100 rows, p95", quantile(quick, 0.95), "ms", { most: 20 })
  report("event log, a batch of 1,000 rows, p95", quantile(times, 0.95), "ms")
  await database.close()
}

console.log(machine())
const server = await startChild("stream-server.ts", {
  PORT: String(port),
  DATA_DIR: dataDir,
  LOG_LEVEL: "error",
  MAX_PROJECTS_PER_USER: "5000",
  MAX_CONCURRENT_CHATS: "2000",
  MAX_STREAMS_PER_USER: "20000",
})
try {
  await signUp(url)
  const { client: quick, apiKey: key } = await signUp(url, "Bench")
  await firstToken(quick, key)
  const ours = await delivery(quick, key)
  const theirs = await plainElysia()
  report("ours as a share of plain Elysia", (ours / theirs) * 100, "%", { most: 100 })
  await idle(quick, key)
} finally {
  await server[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
}
await eventLog()
process.exit(broken === 0 ? 0 : 1)
