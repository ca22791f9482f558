import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { AccountEvent } from "../../../shared/account.ts"
import { createGoChatClient, type GoChatClient } from "../../../shared/client.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"

let server: TestServer
let apiKey: string
let api: GoChatClient

beforeAll(async () => {
  server = await startTestServer({ MAX_STREAMS_PER_USER: "3", SSE_PING_INTERVAL: "1" })
  ;({ apiKey } = await server.signUp("mia@example.com"))
  api = createGoChatClient({ url: server.url, apiKey })
})
afterAll(() => server.stop())

/** Opens `account.watch`; resolves when it stands. */
function watch(client: GoChatClient) {
  const events: AccountEvent[] = []
  const opened = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const subscription = client.account.watch.subscribe(undefined, {
    onStarted: () => opened.resolve(),
    onData: (event) => events.push(event),
    onError: (error) => {
      opened.resolve()
      ended.resolve(String(error.data?.code))
    },
  })
  return { events, opened: opened.promise, ended: ended.promise, close: () => subscription.unsubscribe() }
}

const until = async (is: () => boolean) => {
  while (!is()) await Bun.sleep(5)
}

describe("account.watch", () => {
  test("tells of my projects as they change and go, and nothing of anybody else's", async () => {
    const ada = await server.signUp("ada@example.com")
    const hers = createGoChatClient({ url: server.url, apiKey: ada.apiKey })
    const mine = watch(api)
    const other = watch(hers)
    await Promise.all([mine.opened, other.opened])
    const project = await api.project.create.mutate({ title: "Quiz" })
    await until(() => mine.events.length > 0)
    await api.project.update.mutate({ projectId: project.id, title: "Quiz night" })
    await api.project.remove.mutate({ projectId: project.id })
    await until(() => mine.events.at(-1)?.type === "project.removed")
    expect(mine.events[0]).toMatchObject({ type: "project.changed", project: { id: project.id } })
    expect(other.events).toEqual([])
    mine.close()
    other.close()
  })

  test("only so many streams are open at once", async () => {
    const robot = createGoChatClient({ url: server.url, apiKey })
    const three = [watch(robot), watch(robot), watch(robot)]
    await Promise.all(three.map((watching) => watching.opened))
    const refused = await fetch(`${server.url}/trpc/account.watch`, { headers: { "x-api-key": apiKey } })
    const text = await refused.text()
    expect(text).toContain("limit_streams")
    expect(text).toContain("serialized-error")

    for (const watching of three) watching.close()
    await until(() => server.services.auth.streams.size === 0)
    const again = watch(robot)
    await again.opened
    again.close()
  })

  test("is kept alive, and ended with a word to come back when the server stops", async () => {
    const stopping = await startTestServer({ SSE_PING_INTERVAL: "1" })
    const person = await stopping.signUp()
    const answer = await fetch(`${stopping.url}/trpc/account.watch`, { headers: { "x-api-key": person.apiKey } })
    const reader = (answer.body ?? new ReadableStream<Uint8Array>()).getReader()
    let text = ""
    const readUntil = async (mark: string) => {
      while (!text.includes(mark)) {
        const { done, value } = await reader.read()
        if (done) throw new Error(`ended after: ${text}`)
        text += new TextDecoder().decode(value)
      }
    }
    await readUntil("event: ping")
    expect(text).toContain('"reconnectAfterInactivityMs":3000')
    const stopped = stopping.stop()
    await readUntil("SERVICE_UNAVAILABLE")
    expect(text).toContain("serialized-error")
    await stopped
  })
})
