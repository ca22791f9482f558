import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { GoChatClient } from "../shared/client.ts"
import type { ProjectEvent } from "../shared/events.ts"
import { fromHistory, reduce } from "../shared/reduce.ts"
import { type SpawnedServer, signUp, spawnServer } from "./testing/spawned-server.ts"
import { startWireModel, type WireModel } from "./testing/wire-model.ts"

/** Cut streams, kill -9 and SIGTERM in the middle of an answer of the real adapter over a real wire. */
const words = Array.from({ length: 160 }, (_, index) => `word${index}`).join(" ")
const wish = "Tell me a long story"
let wire: WireModel
let server: SpawnedServer
let client: GoChatClient
let apiKey: string

beforeAll(async () => {
  wire = await startWireModel()
  wire.script(wish, [{ text: words }], { tokensPerSecond: 80 })
  wire.script("Continue from where you were cut off", [{ text: "And so it ended." }])
  wire.script("quick", [{ text: "Done quickly." }])
  server = await spawnServer({ CLAUDE_API_KEY: "test-key", ANTHROPIC_BASE_URL: wire.url })
  ;({ client, apiKey } = await signUp(server.url))
}, 120_000)
afterAll(async () => {
  await server.close()
  await wire.stop()
}, 60_000)

/** Events from after `from` until one fits, including it. */
async function until(projectId: string, from: number, fits: (event: ProjectEvent) => boolean): Promise<ProjectEvent[]> {
  const events: ProjectEvent[] = []
  for await (const event of client.watch(projectId, { lastEventId: String(from) })) {
    events.push(event)
    if (fits(event)) return events
  }
  throw new Error("the watch ended")
}

const finished = (event: ProjectEvent) => event.type === "run.finished"
const textOf = (events: ProjectEvent[]) =>
  events.map((event) => (event.type === "message.delta" ? event.text : "")).join("")
const gapless = (events: ProjectEvent[]) =>
  events.every((event, index) => index === 0 || event.seq === (events[index - 1]?.seq ?? 0) + 1)

async function tellStory() {
  const { id: projectId } = await client.project.create.mutate({})
  const { seq } = await client.chat.history.query({ projectId })
  const { runId } = await client.chat.send.mutate({ projectId, content: wish })
  return { projectId, seq, runId }
}

/** Waits until part of the answer is stored. */
async function halfWay(projectId: string, seq: number, pieces = 12): Promise<ProjectEvent[]> {
  let deltas = 0
  return until(projectId, seq, (event) => event.type === "message.delta" && ++deltas === pieces)
}

async function answerOf(projectId: string) {
  const history = await client.chat.history.query({ projectId })
  const answer = history.messages.findLast((message) => message.role === "assistant")
  return { history, text: answer?.content ?? "" }
}

describe("truth under fire", () => {
  test("a stream cut and opened again at 20 points: nothing missed, nothing twice, the stored text", async () => {
    const { projectId, seq } = await tellStory()
    const events: ProjectEvent[] = []
    let place = seq
    for (let cut = 0; cut < 20; cut++) {
      const size = 1 + Math.floor(Math.random() * 4)
      let taken = 0
      const some = await until(projectId, place, (event) => finished(event) || ++taken === size)
      events.push(...some)
      place = some.at(-1)?.seq ?? place
      if (events.some(finished)) break
    }
    if (!events.some(finished)) events.push(...(await until(projectId, place, finished)))
    expect(gapless(events)).toBe(true)
    expect(textOf(events)).toBe(words)
    const { history, text } = await answerOf(projectId)
    expect(text).toBe(words)
    // A snapshot taken now and one built from the events are the same conversation.
    const played = events.reduce(reduce, { ...fromHistory(history), messages: [], runs: [], seq })
    expect(played.messages).toEqual(history.messages)
  }, 60_000)

  test("two watchers get the same bytes", async () => {
    const { projectId, seq } = await tellStory()
    const readAll = async () => {
      const input = encodeURIComponent(JSON.stringify({ projectId, lastEventId: String(seq) }))
      const abort = new AbortController()
      const answer = await fetch(`${server.url}/trpc/event.watch?input=${input}`, {
        headers: { "x-api-key": apiKey },
        signal: abort.signal,
      })
      let text = ""
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        if (text.includes('"run.finished"') && text.endsWith("\n\n\n")) break
      }
      abort.abort()
      return text.slice(0, text.indexOf('"run.finished"')).replaceAll("event: ping\ndata: \n\n\n", "")
    }
    const [live, other] = await Promise.all([readAll(), readAll()])
    expect(live).toContain("word159")
    expect(other).toBe(live)
    expect(await readAll()).toBe(live)
  }, 60_000)

  test("stop ends the answer at once and keeps what was said; the queue goes on", async () => {
    const { projectId, seq, runId } = await tellStory()
    const next = await client.chat.send.mutate({ projectId, content: "quick one" })
    expect(next.queued).toBe(true)
    await halfWay(projectId, seq)
    await client.chat.stop.mutate({ projectId, runId })
    let ends = 0
    const events = await until(projectId, seq, (event) => finished(event) && ++ends === 2)
    const outcomes = events.flatMap((event) => (event.type === "run.finished" ? [event.outcome] : []))
    expect(outcomes).toEqual(["stopped", "completed"])
    const { history } = await answerOf(projectId)
    const answers = history.messages.filter((message) => message.role === "assistant")
    expect(answers.at(-1)?.content).toBe("Done quickly.")
    const partial = answers[0]?.content ?? ""
    expect(partial.length).toBeGreaterThan(0)
    expect(words.startsWith(partial)).toBe(true)
    expect(textOf(events).startsWith(partial)).toBe(true)
  }, 60_000)

  test("kill -9 in the middle: the answer is kept as interrupted, byte for byte, and can be continued", async () => {
    const { projectId, seq, runId } = await tellStory()
    const before = await halfWay(projectId, seq)
    await server.end("SIGKILL")
    await server.restart()
    const events = await until(projectId, seq, finished)
    expect(gapless(events)).toBe(true)
    expect(events.slice(0, before.length)).toEqual(before)
    const end = events.at(-1)
    expect(end).toMatchObject({ type: "run.finished", runId, outcome: "interrupted" })
    const { text, history } = await answerOf(projectId)
    expect(text).toBe(textOf(events))
    expect(text.length).toBeGreaterThan(0)
    expect(history.runs).toMatchObject([{ runId, outcome: "interrupted" }])
    const again = await client.chat.retry.mutate({ projectId, runId })
    const rest = await until(projectId, end?.seq ?? 0, finished)
    expect(rest.at(-1)).toMatchObject({ runId: again.runId, outcome: "completed" })
    // The model was shown what it had said.
    const told = wire.requests().findLast(({ body }) => (body.tools ?? []).length > 0)
    expect(JSON.stringify(told?.body.messages)).toContain(text.trim().slice(0, 60))
  }, 90_000)

  test("kill -9 of the server and its Postgres: nothing that was seen is gone", async () => {
    const { projectId, seq } = await tellStory()
    const before = await halfWay(projectId, seq)
    const postmaster = Number(
      (await readFile(join(server.dataDir, "postgres/data/postmaster.pid"), "utf8")).split("\n")[0],
    )
    await server.end("SIGKILL")
    process.kill(postmaster, "SIGKILL")
    await server.restart()
    const events = await until(projectId, seq, finished)
    expect(gapless(events)).toBe(true)
    expect(events.slice(0, before.length)).toEqual(before)
    expect((await answerOf(projectId)).text).toBe(textOf(events))
  }, 90_000)

  test("SIGTERM in the middle: watchers are told, the run ends as interrupted, a restart shows the same", async () => {
    const { projectId, seq } = await tellStory()
    const before = await halfWay(projectId, seq)
    const began = Date.now()
    expect(await server.end("SIGTERM")).toBe(0)
    expect(Date.now() - began).toBeLessThan(10_000)
    await server.restart()
    const events = await until(projectId, seq, finished)
    expect(gapless(events)).toBe(true)
    expect(events.slice(0, before.length)).toEqual(before)
    expect(events.at(-1)).toMatchObject({ outcome: "interrupted" })
    expect((await answerOf(projectId)).text).toBe(textOf(events))
  }, 90_000)

  test("no key is in the output", () => {
    expect(server.output()).not.toContain("test-key")
    expect(server.output()).not.toContain("correct horse battery")
  })
})
