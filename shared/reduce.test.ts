import { describe, expect, test } from "bun:test"
import type { Build } from "./build.ts"
import type { News, ProjectEvent } from "./events.ts"
import type { Message } from "./message.ts"
import { emptyState, fromHistory, logTailChars, type ProjectState, reduce } from "./reduce.ts"
import type { Version } from "./version.ts"

const at = "2026-01-01T00:00:00.000Z"
const message = (id: string, over: Partial<Message> = {}): Message => ({
  id,
  role: "assistant",
  content: "",
  parts: [],
  codeBlocks: [],
  runId: "run-1",
  versionSha: null,
  tokensUsed: 0,
  createdAt: at,
  ...over,
})
const build = (over: Partial<Build> = {}): Build => ({
  id: "build-1",
  sha: "a".repeat(40),
  runId: "run-1",
  status: "running",
  stage: "test",
  progress: 0,
  jobs: [],
  error: null,
  webUrl: null,
  branch: null,
  image: null,
  createdAt: at,
  finishedAt: null,
  ...over,
})
const version: Version = {
  sha: "a".repeat(40),
  number: 1,
  title: "First",
  runId: "run-1",
  files: 1,
  added: 1,
  removed: 0,
  buildStatus: null,
  live: false,
  webUrl: null,
  createdAt: at,
}

function play(news: News[], state: ProjectState = emptyState): ProjectState {
  return news.reduce((next, one) => reduce(next, { ...one, seq: next.seq + 1, at }), state)
}

const asked: News = { type: "message.created", message: message("ask", { role: "user", content: "Build me a list" }) }
const started: News[] = [
  asked,
  { type: "run.started", runId: "run-1" },
  { type: "message.created", message: message("answer") },
]

describe("reduce", () => {
  test("an answer grows by text and tools, and content is always the text parts joined", () => {
    const state = play([
      ...started,
      { type: "message.delta", messageId: "answer", text: "I will " },
      { type: "message.delta", messageId: "answer", text: "write." },
      { type: "tool.started", messageId: "answer", callId: "c1", tool: "write_file" },
      { type: "tool.delta", messageId: "answer", callId: "c1", lines: 12, path: "index.html" },
      { type: "tool.finished", messageId: "answer", callId: "c1", ok: true, added: 84, removed: 0 },
      { type: "message.delta", messageId: "answer", text: "\n\nDone." },
    ])
    const answer = state.messages.at(-1)
    expect(answer?.content).toBe("I will write.\n\nDone.")
    expect(answer?.parts).toEqual([
      { type: "text", text: "I will write." },
      {
        type: "tool",
        callId: "c1",
        tool: "write_file",
        path: "index.html",
        state: "ok",
        lines: 12,
        added: 84,
        removed: 0,
      },
      { type: "text", text: "\n\nDone." },
    ])
    expect(state.runs).toEqual([
      {
        runId: "run-1",
        messageId: "ask",
        answerId: "answer",
        state: "running",
        outcome: null,
        error: null,
        recoverable: false,
      },
    ])
  })

  test("an event that was seen already changes nothing", () => {
    const state = play(started)
    expect(reduce(state, { type: "message.delta", messageId: "answer", text: "again", seq: state.seq, at })).toBe(state)
  })

  test("a snapshot goes on where it was taken", () => {
    const state = fromHistory({ messages: [message("answer")], runs: [], seq: 7, nextCursor: null })
    const early = reduce(state, { type: "message.delta", messageId: "answer", text: "old", seq: 7, at })
    const next = reduce(early, { type: "message.delta", messageId: "answer", text: "new", seq: 8, at })
    expect(next.messages[0]?.content).toBe("new")
  })

  test("a reset asks for a new snapshot and keeps what is shown", () => {
    const state = reduce(play(started), { type: "stream.reset", seq: 99, at })
    expect(state.stale).toBe(true)
    expect(state.messages).toHaveLength(2)
  })

  test("runs that completed leave the list, others stay with their reason", () => {
    const usage = { input: 1, output: 1, cached: 0 }
    const finished = (outcome: "completed" | "stopped"): News => ({
      type: "run.finished",
      runId: "run-1",
      outcome,
      usage,
      recoverable: outcome === "stopped",
    })
    expect(play([...started, finished("completed")]).runs).toEqual([])
    expect(play([...started, finished("stopped")]).runs[0]).toMatchObject({ outcome: "stopped", recoverable: true })
    expect(play([asked, { type: "message.removed", messageId: "ask" }])).toMatchObject({ messages: [], runs: [] })
  })

  test("a build colours its version, and live moves with the project", () => {
    const project = { liveSha: version.sha } as Extract<News, { type: "project.changed" }>["project"]
    const state = play([
      { type: "version.created", version },
      { type: "build.changed", build: build() },
      { type: "build.changed", build: build({ status: "success" }) },
      { type: "project.changed", project },
    ])
    expect(state.builds).toHaveLength(1)
    expect(state.versions[0]).toMatchObject({ buildStatus: "success", live: true })
  })

  test("the versions that were there before the project was at the forge get their pages", () => {
    const webUrl = "https://gitlab.example.com/apps/shop"
    const project = { liveSha: null, forge: { webUrl } } as Extract<News, { type: "project.changed" }>["project"]
    const state = play([
      { type: "version.created", version },
      { type: "project.changed", project },
    ])
    expect(state.versions[0]?.webUrl).toBe(`${webUrl}/-/commit/${version.sha}`)
  })

  test("log tails join, drop what overlaps, start anew at a gap, and stay small", () => {
    const log = (from: number, text: string): News => ({
      type: "build.log",
      buildId: "build-1",
      jobId: "job",
      from,
      text,
    })
    expect(play([log(0, "abc"), log(2, "cd")]).logs["job"]).toEqual({ from: 0, text: "abcd" })
    expect(play([log(0, "abc"), log(10, "xyz")]).logs["job"]).toEqual({ from: 10, text: "xyz" })
    const long = play([log(0, "a".repeat(logTailChars)), log(logTailChars, "end")]).logs["job"]
    expect(long?.text).toHaveLength(logTailChars)
    expect(long?.from).toBe(3)
  })

  test("an app's state says whose fault it is, and no longer when it is well again", () => {
    const told = { type: "sandbox.changed", kind: "draft", url: null, sha: null } as const
    const failed = play([{ ...told, state: "failed", reason: "No room.", cause: "disk" }])
    expect(failed.sandboxes).toMatchObject([{ state: "failed", reason: "No room.", cause: "disk" }])
    const well = play([{ ...told, state: "ready" }], failed)
    expect(well.sandboxes).toMatchObject([{ state: "ready", reason: null, cause: null }])
  })

  test("unknown kinds of events only move the place", () => {
    const state = reduce(emptyState, { type: "from.the.future", seq: 1, at } as unknown as ProjectEvent)
    expect(state).toEqual({ ...emptyState, seq: 1 })
  })
})
