import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { eq, sql } from "drizzle-orm"
import { events, streams } from "../../../drizzle/schema/event.ts"
import { projects } from "../../../drizzle/schema/project.ts"
import type { News } from "../../../shared/events.ts"
import { newId } from "../../lib/ids.ts"
import { testDatabase, type TestDatabase } from "../../testing/database.ts"
import { appendEvents, FenceLost } from "./append.ts"
import { DeltaWriter } from "./delta-writer.ts"
import { raiseFence } from "./fence.ts"
import { Hub } from "./hub.ts"
import { listen } from "./listen.ts"
import { prune } from "./prune.ts"
import { readAfter } from "./store.ts"
import { parseEvent, type StoredEvent } from "./stored-event.ts"
import type { Subscription } from "./subscription.ts"
import { inTransaction } from "./transaction.ts"

let database: TestDatabase
const failures: unknown[] = []
const writers: DeltaWriter[] = []

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await Promise.all(writers.map((writer) => writer.close()))
  await database.close()
  expect(failures).toEqual([])
})

function node(notifies = false) {
  const hub = new Hub({ db: database.db, notifies, onError: (error) => failures.push(error) })
  const deltas = new DeltaWriter({ db: database.db, hub, onError: (error) => failures.push(error) })
  writers.push(deltas)
  return { db: database.db, hub, deltas }
}

async function newProject(): Promise<string> {
  const id = newId()
  await database.db.insert(projects).values({ id, title: "Test", template: "static" })
  await database.db.insert(streams).values({ projectId: id })
  return id
}

const delta = (messageId: string, text: string): News & { type: "message.delta" } => ({
  type: "message.delta",
  messageId,
  text,
})

/** Takes events until `count` have come. */
async function collect(subscription: Subscription, count: number): Promise<StoredEvent[]> {
  const taken: StoredEvent[] = []
  while (taken.length < count) {
    const some = await subscription.take()
    taken.push(...some)
    if (some.length === 0) await new Promise<void>((resolve) => subscription.whenNew(resolve))
  }
  return taken
}

async function watchFrom(hub: Hub, projectId: string, seq = 0): Promise<Subscription> {
  const watched = await hub.watch(projectId, seq)
  if (watched === null) throw new Error("no such project")
  expect(watched.reset).toBeNull()
  return watched.subscription
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe("appendEvents", () => {
  test("eight writers on one project: gapless, in order, live equals the table", async () => {
    const { db, hub } = node()
    const projectId = await newProject()
    using live = await watchFrom(hub, projectId)
    const messageId = newId()
    const turns = upTo(8).map(async (writer) => {
      for (const turn of upTo(25)) {
        await inTransaction({ db, hub }, async (tx) => {
          appendEvents(tx, projectId, [delta(messageId, `${writer}.${turn}a`), delta(messageId, `${writer}.${turn}b`)])
        })
      }
    })
    const [seen] = await Promise.all([collect(live, 400), ...turns])
    expect(seen.map((event) => event.seq)).toEqual(upTo(400))
    expect((await readAfter(db, projectId, 0, 1000)).map((event) => event.json)).toEqual(
      seen.map((event) => event.json),
    )
    const texts = seen.map((event) => (parseEvent(event) as { text: string }).text)
    for (const writer of upTo(8)) {
      expect(texts.filter((text) => text.startsWith(`${writer}.`))).toEqual(
        upTo(25).flatMap((turn) => [`${writer}.${turn}a`, `${writer}.${turn}b`]),
      )
    }
  })

  test("transactions over shared projects in opposite order do not deadlock", async () => {
    const { db, hub } = node()
    const ids = [await newProject(), await newProject(), await newProject()]
    const messageId = newId()
    await Promise.all(
      upTo(40).map((turn) =>
        inTransaction({ db, hub }, async (tx) => {
          const order = turn % 2 === 0 ? ids : ids.toReversed()
          for (const id of order) appendEvents(tx, id, [delta(messageId, String(turn))])
        }),
      ),
    )
    for (const id of ids) expect((await readAfter(db, id, 0, 100)).map((event) => event.seq)).toEqual(upTo(40))
  })

  test("what a transaction throws leaves neither facts nor news", async () => {
    const { db, hub } = node()
    const projectId = await newProject()
    const failed = inTransaction({ db, hub }, async (tx) => {
      await tx.update(projects).set({ title: "Changed" }).where(eq(projects.id, projectId))
      appendEvents(tx, projectId, [delta(newId(), "lost")])
      throw new Error("no")
    })
    await expect(failed).rejects.toThrow("no")
    expect(await readAfter(db, projectId, 0, 10)).toEqual([])
    const [row] = await db.select({ title: projects.title }).from(projects).where(eq(projects.id, projectId))
    expect(row?.title).toBe("Test")
  })

  test("a fence that was raised by another refuses the whole transaction", async () => {
    const { db, hub } = node()
    const projectId = await newProject()
    const runId = newId()
    const fence = await db.transaction((tx) => raiseFence(tx, projectId))
    const write = (text: string) =>
      inTransaction({ db, hub }, async (tx) => {
        appendEvents(tx, projectId, [delta(newId(), text)], { fence: { runId, fence } })
      })
    await write("mine")
    await db.transaction((tx) => raiseFence(tx, projectId))
    await expect(write("too late")).rejects.toThrow(FenceLost)
    expect(await readAfter(db, projectId, 0, 10)).toHaveLength(1)
  })
})

describe("Hub", () => {
  test("commits that answer out of order are handed on in order", async () => {
    const { db, hub } = node()
    const projectId = await newProject()
    using live = await watchFrom(hub, projectId)
    const stored: StoredEvent[] = []
    const catching = {
      db,
      hub: { notifies: false, publish: (events: readonly StoredEvent[]) => stored.push(...events) },
    }
    for (const text of ["one", "two", "three"]) {
      await inTransaction(catching as unknown as Parameters<typeof inTransaction>[0], async (tx) => {
        appendEvents(tx, projectId, [delta(newId(), text)])
      })
    }
    for (const event of stored.toReversed()) hub.publish([event])
    expect((await collect(live, 3)).map((event) => event.seq)).toEqual([1, 2, 3])
  })

  test("an event whose predecessor never comes is preceded by it from the table", async () => {
    const { db, hub } = node()
    const projectId = await newProject()
    using live = await watchFrom(hub, projectId)
    const elsewhere = node()
    await inTransaction(elsewhere, async (tx) => appendEvents(tx, projectId, [delta(newId(), "elsewhere")]))
    await inTransaction({ db, hub }, async (tx) => appendEvents(tx, projectId, [delta(newId(), "here")]))
    expect((await collect(live, 2)).map((event) => event.seq)).toEqual([1, 2])
  })

  test("another process is heard through NOTIFY", async () => {
    const here = node(true)
    const elsewhere = node(true)
    const projectId = await newProject()
    const unlisten = await listen(database.client, here.hub)
    using live = await watchFrom(here.hub, projectId)
    await inTransaction(elsewhere, async (tx) => appendEvents(tx, projectId, [delta(newId(), "far away")]))
    expect((await collect(live, 1)).map((event) => event.seq)).toEqual([1])
    await unlisten()
  })

  test("resumes from any point, also far behind what memory keeps", async () => {
    const { db, hub } = node()
    const projectId = await newProject()
    using live = await watchFrom(hub, projectId)
    const messageId = newId()
    for (let turn = 0; turn < 12; turn++) {
      await inTransaction({ db, hub }, async (tx) =>
        appendEvents(
          tx,
          projectId,
          upTo(100).map((piece) => delta(messageId, `${turn}/${piece} `)),
        ),
      )
    }
    const all = await collect(live, 1200)
    for (const from of [0, 1, 199, 200, 687, 688, 689, 1199]) {
      using late = await watchFrom(hub, projectId, from)
      expect((await collect(late, 1200 - from)).map((event) => event.json)).toEqual(
        all.slice(from).map((event) => event.json),
      )
    }
    expect(hub.topicCount).toBe(1)
  })

  test("a project that nobody watches is not held in memory", async () => {
    const { hub } = node()
    const projectId = await newProject()
    const subscription = await watchFrom(hub, projectId)
    subscription[Symbol.dispose]()
    expect(hub.topicCount).toBe(0)
    expect(await hub.watch(newId(), 0)).toBeNull()
    expect(hub.topicCount).toBe(0)
  })

  test("a watch below the floor, or beyond the end, is reset to where the log stands", async () => {
    const { db, hub } = node()
    const projectId = await newProject()
    await inTransaction({ db, hub }, async (tx) => {
      appendEvents(
        tx,
        projectId,
        upTo(10).map((piece) => delta(newId(), String(piece))),
      )
    })
    await db.execute(sql`update events set at = now() - interval '3 days' where project_id = ${projectId} and seq <= 7`)
    expect(await prune({ db })).toBe(7)
    expect((await hub.watch(projectId, 6))?.reset).toBe(10)
    expect((await hub.watch(projectId, 11))?.reset).toBe(10)
    using whole = await watchFrom(hub, projectId, 7)
    expect((await collect(whole, 3)).map((event) => event.seq)).toEqual([8, 9, 10])
  })
})

describe("DeltaWriter", () => {
  test("text of many runs is coalesced, complete, and in order with what is appended", async () => {
    const { db, hub, deltas } = node()
    const projectIds = await Promise.all(upTo(20).map(newProject))
    await Promise.all(
      projectIds.map(async (projectId) => {
        const messageId = newId()
        const stream = deltas.open({ projectId, subjectId: newId() })
        const text = upTo(200).map((word) => `w${word} `)
        for (const [index, word] of text.entries()) {
          stream.write(delta(messageId, word))
          if (index % 50 === 49) {
            await stream.flush()
            await inTransaction({ db, hub }, async (tx) =>
              appendEvents(tx, projectId, [
                { type: "tool.started", messageId, callId: `c${index}`, tool: "write_file" },
              ]),
            )
          }
        }
        await stream.close()
        const rows = (await readAfter(db, projectId, 0, 1000)).map(parseEvent)
        expect(rows.map((row) => row.seq)).toEqual(upTo(rows.length))
        expect(rows.length).toBeLessThan(40)
        let seen = ""
        for (const row of rows) {
          if (row.type === "message.delta") seen += row.text
          if (row.type === "tool.started") expect(seen).toBe(text.slice(0, Number(row.callId.slice(1)) + 1).join(""))
        }
        expect(seen).toBe(text.join(""))
      }),
    )
  })

  test("a project locked by another goes with a later batch and holds nobody up", async () => {
    const { db, deltas } = node()
    const [held, free] = [await newProject(), await newProject()]
    const [slow, quick] = [held, free].map((projectId) => deltas.open({ projectId, subjectId: newId() }))
    let flushed = false
    await db.transaction(async (tx) => {
      await tx.select().from(streams).where(eq(streams.projectId, held)).for("update")
      slow?.write(delta(newId(), "slow"))
      quick?.write(delta(newId(), "quick"))
      void slow?.flush().then(() => (flushed = true))
      await quick?.flush()
      expect(flushed).toBe(false)
    })
    await slow?.flush()
    expect(await readAfter(db, held, 0, 10)).toHaveLength(1)
  })

  test("batches of two processes over the same projects neither deadlock nor lose text", async () => {
    const [one, two] = [node(), node()]
    const ids = await Promise.all(upTo(30).map(newProject))
    const write = async (writer: DeltaWriter, order: string[]) => {
      const streamsOf = order.map((projectId) => writer.open({ projectId, subjectId: newId() }))
      for (const turn of upTo(10)) {
        for (const stream of streamsOf) stream.write(delta(newId(), `${turn}`))
        await Promise.all(streamsOf.map((stream) => stream.flush()))
      }
    }
    await Promise.all([write(one.deltas, ids), write(two.deltas, ids.toReversed())])
    for (const id of ids) expect((await readAfter(one.db, id, 0, 100)).map((event) => event.seq)).toEqual(upTo(20))
  })

  test("a lost fence and a removed project end the writing, others go on", async () => {
    const { db, deltas } = node()
    const [taken, gone, fine] = [await newProject(), await newProject(), await newProject()]
    const fence = await db.transaction((tx) => raiseFence(tx, taken))
    const runId = newId()
    const [lost, removed, ours] = [
      deltas.open({ projectId: taken, subjectId: runId, fence: { runId, fence } }),
      deltas.open({ projectId: gone, subjectId: newId() }),
      deltas.open({ projectId: fine, subjectId: newId() }),
    ]
    await db.transaction((tx) => raiseFence(tx, taken))
    await db.delete(projects).where(eq(projects.id, gone))
    for (const stream of [lost, removed, ours]) stream.write(delta(newId(), "text"))
    const ends = await Promise.allSettled([lost.flush(), removed.flush(), ours.flush()])
    expect(ends.map((end) => end.status)).toEqual(["rejected", "rejected", "fulfilled"])
    expect(() => lost.write(delta(newId(), "more"))).toThrow(FenceLost)
    expect(await db.select().from(events).where(eq(events.projectId, taken))).toEqual([])
  })

  test("a batch whose answer is lost is stored once, whether it arrived or not", async () => {
    for (const arrives of [true, false]) {
      const { db, hub } = node()
      let broken = 1
      const flaky = new Proxy(db, {
        get: (target, key) =>
          key !== "execute" || broken-- <= 0
            ? Reflect.get(target, key)
            : async (statement: Parameters<typeof db.execute>[0]) => {
                if (arrives) await db.execute(statement)
                throw new Error("the connection was lost")
              },
      })
      const lost: unknown[] = []
      const deltas = new DeltaWriter({ db: flaky, hub, onError: (error) => lost.push(error) })
      const projectId = await newProject()
      using live = await watchFrom(hub, projectId)
      const stream = deltas.open({ projectId, subjectId: newId() })
      stream.write(delta(newId(), "only once"))
      await stream.close()
      expect(lost).toHaveLength(1)
      expect(await readAfter(db, projectId, 0, 10)).toHaveLength(1)
      expect((await collect(live, 1)).map((event) => event.seq)).toEqual([1])
    }
  })
})
