import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClientError } from "@trpc/client"
import { EventSource } from "eventsource"
import { createGoChatClient, type GoChatClient } from "../../shared/client.ts"
import type { ProjectEvent } from "../../shared/events.ts"
import { systemCtx } from "../context.ts"
import { appendEvents } from "../features/event/append.ts"
import { prune } from "../features/event/prune.ts"
import { inTransaction } from "../features/event/transaction.ts"
import { watch } from "../features/event/watch.ts"
import { newId } from "../lib/ids.ts"
import { startTestServer, type TestServer } from "../testing/server.ts"
import type { AppRouter } from "../trpc/router.ts"

let server: TestServer
let owner: { cookie: string; userId: string; apiKey: string }
let client: GoChatClient

beforeAll(async () => {
  server = await startTestServer({ MAX_STREAMS_PER_USER: "6", SSE_PING_INTERVAL: "1" })
  owner = await server.signUp()
  client = createGoChatClient({ url: server.url, apiKey: owner.apiKey })
}, 60_000)
afterAll(() => server.stop())

const newProject = async () => (await client.project.create.mutate({})).id

async function write(projectId: string, ...texts: string[]): Promise<void> {
  const messageId = newId()
  await inTransaction(server.services, async (tx) =>
    appendEvents(
      tx,
      projectId,
      texts.map((text) => ({ type: "message.delta", messageId, text })),
    ),
  )
}

/** tRPC's own client, on our route. */
function trpcClient(credentials: Record<string, string>) {
  const url = `${server.url}/trpc`
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === "subscription",
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: {
            fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...credentials } }),
          },
        }),
        false: httpLink({ url }),
      }),
    ],
  })
}

/** What tRPC's client is told, until `count` events came or it failed. */
function subscribe(projectId: string, count: number, credentials: Record<string, string>, lastEventId?: string) {
  return new Promise<{ events: ProjectEvent[]; error: TRPCClientError<AppRouter> | null }>((resolve) => {
    const events: ProjectEvent[] = []
    const subscription = trpcClient(credentials).event.watch.subscribe(
      { projectId, lastEventId },
      {
        onData: ({ id, data }) => {
          expect(id).toBe(String(data.seq))
          events.push(data)
          if (events.length < count) return
          subscription.unsubscribe()
          resolve({ events, error: null })
        },
        onError: (error) => resolve({ events, error }),
      },
    )
  })
}

async function throughProcedure(projectId: string, count: number, lastEventId?: string): Promise<ProjectEvent[]> {
  const events: ProjectEvent[] = []
  const ctx = systemCtx(server.services)
  for await (const [, event] of watch(ctx, { projectId, lastEventId }, undefined)) {
    events.push(event)
    if (events.length === count) break
  }
  return events
}

const open = (projectId: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${server.url}/trpc/event.watch?input=${encodeURIComponent(JSON.stringify({ projectId }))}`, {
    headers: { "x-api-key": owner.apiKey, ...headers },
    signal,
  })

describe("GET /trpc/event.watch", () => {
  test("tells tRPC's own client exactly what the procedure tells", async () => {
    const projectId = await newProject()
    await write(projectId, "one", "two ✓ \u2028 lines\nand\r\nmore", "three")
    const live = subscribe(projectId, 5, { "x-api-key": owner.apiKey })
    await write(projectId, "four", "five")
    const { events } = await live
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5])
    expect(await throughProcedure(projectId, 5)).toEqual(events)
    const resumed = await subscribe(projectId, 2, { "x-api-key": owner.apiKey }, "3")
    expect(resumed.events).toEqual(events.slice(3))
    expect(await throughProcedure(projectId, 2, "3")).toEqual(events.slice(3))
  })

  test("a watch below the floor is reset, on both ways", async () => {
    const projectId = await newProject()
    await write(projectId, "one", "two", "three")
    await server.services.db.execute(
      `update events set at = now() - interval '2 days' where project_id = '${projectId}' and seq <= 2`,
    )
    await prune(server.services)
    const { seq } = await client.chat.history.query({ projectId })
    const { events } = await subscribe(projectId, 1, { "x-api-key": owner.apiKey }, "1")
    expect(events).toMatchObject([{ type: "stream.reset", seq }])
    expect(await throughProcedure(projectId, 1, "1")).toMatchObject([{ type: "stream.reset", seq }])
  })

  test("strangers, nobody and nonsense get tRPC's errors and no bytes of the log", async () => {
    const projectId = await newProject()
    await write(projectId, "secret words")
    const stranger = await server.signUp()
    const cases: [Record<string, string>, string, string][] = [
      [{ "x-api-key": stranger.apiKey }, projectId, "NOT_FOUND"],
      [{ "x-api-key": owner.apiKey }, newId(), "NOT_FOUND"],
      [{}, projectId, "UNAUTHORIZED"],
      [{ "x-api-key": "gck_wrong" }, projectId, "UNAUTHORIZED"],
      [{ "x-api-key": owner.apiKey }, "not-an-id", "BAD_REQUEST"],
    ]
    for (const [credentials, id, code] of cases) {
      const { error, events } = await subscribe(id, 1, credentials)
      expect(events).toEqual([])
      expect(error?.data?.code).toBe(code as never)
    }
    const answer = await open(projectId, { "x-api-key": stranger.apiKey, "last-event-id": "0" })
    expect(await answer.text()).not.toContain("secret words")
  })

  test("a revoked key's stream ends within 5 seconds, an open one is pinged", async () => {
    const projectId = await newProject()
    const person = createGoChatClient({ url: server.url, cookie: owner.cookie })
    const { key, id } = await person.account.keys.create.mutate({ name: "short" })
    const answer = await open(projectId, { "x-api-key": key })
    let text = ""
    let revoked = 0
    for await (const chunk of answer.body ?? []) {
      text += new TextDecoder().decode(chunk)
      if (revoked === 0 && text.includes("event: ping")) {
        revoked = Date.now()
        await person.account.keys.remove.mutate({ keyId: id })
      }
    }
    expect(text).toContain("event: serialized-error")
    expect(text).toContain("UNAUTHORIZED")
    expect(Date.now() - revoked).toBeLessThan(5_000)
  }, 15_000)

  test("too many windows are refused, and closing one makes room", async () => {
    const projectId = await newProject()
    const aborts = Array.from({ length: 6 }, () => new AbortController())
    await Promise.all(aborts.map((abort) => open(projectId, {}, abort.signal)))
    expect(await (await open(projectId)).text()).toContain("limit_streams")
    for (const abort of aborts) abort.abort()
    // The server hears of a closed socket a moment later.
    for (;;) {
      const abort = new AbortController()
      const answer = await open(projectId, {}, abort.signal)
      const { value } = (await answer.body?.getReader().read()) ?? {}
      abort.abort()
      if (new TextDecoder().decode(value).includes("event: connected") && value !== undefined) {
        if (!new TextDecoder().decode(value).includes("limit_streams")) break
      }
    }
  }, 15_000)

  test("a reader that takes nothing costs no memory and loses nothing", async () => {
    const projectId = await newProject()
    const abort = new AbortController()
    const answer = await open(projectId, {}, abort.signal)
    const reader = answer.body?.getReader()
    await reader?.read()
    Bun.gc(true)
    const before = process.memoryUsage().rss
    const piece = "x".repeat(15_000)
    for (let turn = 0; turn < 60; turn++) await write(projectId, ...Array.from({ length: 20 }, () => piece))
    Bun.gc(true)
    // 18 MB were written; the reader's share of it is the socket's buffer.
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024)
    let text = ""
    const decoder = new TextDecoder()
    while (!text.includes("id: 1200\n")) {
      const { value } = (await reader?.read()) ?? {}
      text = text.slice(-100) + decoder.decode(value, { stream: true })
    }
    abort.abort()
  }, 30_000)
})
