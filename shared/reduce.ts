import type { Build } from "./build.ts"
import type { ChatHistory, RunInfo } from "./chat.ts"
import { commitPage } from "./commit-page.ts"
import type { ProjectEvent } from "./events.ts"
import type { Message, MessagePart, ToolPart } from "./message.ts"
import type { Project } from "./project.ts"
import type { Sandbox } from "./sandbox.ts"
import type { Version } from "./version.ts"

/** Everything a window knows of one project; each part keeps its identity until an event changes it. */
export interface ProjectState {
  /** Position in the log: events up to and with it are in here. */
  readonly seq: number
  /** The log no longer reaches back to `seq`: load `chat.history` again and start from it. */
  readonly stale: boolean
  readonly project: Project | null
  readonly messages: readonly Message[]
  /** Oldest first. Runs that completed are left out. */
  readonly runs: readonly RunInfo[]
  /** Newest first. */
  readonly versions: readonly Version[]
  /** Newest first. */
  readonly builds: readonly Build[]
  readonly sandboxes: readonly Sandbox[]
  /** Log tails by job, at most `logTailChars` each. */
  readonly logs: Readonly<Record<string, LogTail>>
}

export interface LogTail {
  /** Character offset of the first character of `text` in the whole log. */
  readonly from: number
  readonly text: string
}

export const logTailChars = 100_000

export const emptyState: ProjectState = {
  seq: 0,
  stale: false,
  project: null,
  messages: [],
  runs: [],
  versions: [],
  builds: [],
  sandboxes: [],
  logs: {},
}

/** The state of a fresh snapshot: watch from `history.seq` and nothing is missed or doubled. */
export function fromHistory(history: ChatHistory, rest: Partial<ProjectState> = {}): ProjectState {
  return { ...emptyState, ...rest, seq: history.seq, stale: false, messages: history.messages, runs: history.runs }
}

/** Pure: the next state. An event at or below `state.seq` was seen already and changes nothing. */
export function reduce(state: ProjectState, event: ProjectEvent): ProjectState {
  if (event.type === "stream.reset") return { ...state, stale: true }
  if (event.seq <= state.seq) return state
  return { ...state, ...change(state, event), seq: event.seq }
}

function change(state: ProjectState, event: Exclude<ProjectEvent, { type: "stream.reset" }>): Partial<ProjectState> {
  switch (event.type) {
    case "message.created":
      return created(state, event.message)
    case "message.removed":
      return {
        messages: state.messages.filter((message) => message.id !== event.messageId),
        runs: state.runs.filter((run) => run.messageId !== event.messageId),
      }
    case "run.started":
      return { runs: patchRun(state.runs, event.runId, { state: "running" }) }
    case "message.delta":
      return patchMessage(state, event.messageId, (message) => withText(message, event.text))
    case "tool.started":
      return patchMessage(state, event.messageId, (message) => ({
        ...message,
        parts: [
          ...message.parts,
          { type: "tool", callId: event.callId, tool: event.tool, path: event.path, state: "running" },
        ],
      }))
    case "tool.delta":
      return patchTool(state, event.messageId, event.callId, { lines: event.lines, path: event.path })
    case "tool.finished":
      return patchTool(state, event.messageId, event.callId, {
        state: event.ok ? "ok" : "failed",
        path: event.path,
        added: event.added,
        removed: event.removed,
      })
    case "message.completed":
      return { messages: put(state.messages, event.message, (a, b) => a.id === b.id) }
    case "run.finished":
      if (event.outcome === "completed") return { runs: state.runs.filter((run) => run.runId !== event.runId) }
      return {
        runs: patchRun(state.runs, event.runId, {
          state: "finished",
          outcome: event.outcome,
          error: event.error ?? null,
          recoverable: event.recoverable,
        }),
      }
    case "version.created":
      return { versions: putFirst(state.versions, event.version, (a, b) => a.sha === b.sha) }
    case "build.changed":
      return {
        builds: putFirst(state.builds, event.build, (a, b) => a.id === b.id),
        versions: state.versions.map((version) =>
          version.sha === event.build.sha && version.buildStatus !== event.build.status
            ? { ...version, buildStatus: event.build.status }
            : version,
        ),
      }
    case "build.log":
      return { logs: { ...state.logs, [event.jobId]: appendLog(state.logs[event.jobId], event.from, event.text) } }
    case "sandbox.changed": {
      const next = {
        kind: event.kind,
        state: event.state,
        url: event.url,
        sha: event.sha,
        reason: event.reason ?? null,
        cause: event.cause ?? null,
      }
      return {
        sandboxes: put(state.sandboxes, next, (a, b) => a.kind === b.kind && (a.kind !== "version" || a.sha === b.sha)),
      }
    }
    case "project.changed": {
      const { liveSha, forge } = event.project
      return {
        project: event.project,
        versions: state.versions.map((version) => {
          const live = version.sha === liveSha
          // The first versions are there before the project is at the forge.
          const webUrl = version.webUrl ?? (forge == null ? null : commitPage(forge.webUrl, version.sha))
          return version.live === live && version.webUrl === webUrl ? version : { ...version, live, webUrl }
        }),
      }
    }
    default:
      // A newer server may know more kinds of events than this client.
      return {}
  }
}

function created(state: ProjectState, message: Message): Partial<ProjectState> {
  const messages = put(state.messages, message, (a, b) => a.id === b.id)
  if (message.runId === null) return { messages }
  if (message.role === "assistant")
    return { messages, runs: patchRun(state.runs, message.runId, { answerId: message.id }) }
  const run: RunInfo = {
    runId: message.runId,
    messageId: message.id,
    answerId: null,
    state: "queued",
    outcome: null,
    error: null,
    recoverable: false,
  }
  // The same message again is an edit of its words while it waits; its run is known.
  if (state.runs.some((known) => known.runId === run.runId)) return { messages }
  return { messages, runs: [...state.runs, run] }
}

/** Text joins the last part when that is text, so that `content` is always the parts' text joined. */
function withText(message: Message, text: string): Message {
  const last = message.parts.at(-1)
  const parts: MessagePart[] =
    last?.type === "text"
      ? [...message.parts.slice(0, -1), { type: "text", text: last.text + text }]
      : [...message.parts, { type: "text", text }]
  return { ...message, content: message.content + text, parts }
}

function patchMessage(state: ProjectState, id: string, patch: (message: Message) => Message): Partial<ProjectState> {
  // The open answer is nearly always the last one.
  const index = state.messages.findLastIndex((message) => message.id === id)
  const message = state.messages[index]
  return message === undefined ? {} : { messages: state.messages.with(index, patch(message)) }
}

function patchTool(state: ProjectState, id: string, callId: string, patch: Partial<ToolPart>): Partial<ProjectState> {
  const known = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
  return patchMessage(state, id, (message) => ({
    ...message,
    parts: message.parts.map((part) => (part.type === "tool" && part.callId === callId ? { ...part, ...known } : part)),
  }))
}

function patchRun(runs: readonly RunInfo[], runId: string, patch: Partial<RunInfo>): readonly RunInfo[] {
  return runs.map((run) => (run.runId === runId ? { ...run, ...patch } : run))
}

function put<T>(list: readonly T[], item: T, same: (a: T, b: T) => boolean): readonly T[] {
  const index = list.findLastIndex((known) => same(known, item))
  return index === -1 ? [...list, item] : list.with(index, item)
}

function putFirst<T>(list: readonly T[], item: T, same: (a: T, b: T) => boolean): readonly T[] {
  const index = list.findIndex((known) => same(known, item))
  return index === -1 ? [item, ...list] : list.with(index, item)
}

function appendLog(tail: LogTail | undefined, from: number, text: string): LogTail {
  const end = tail === undefined ? from : tail.from + tail.text.length
  // A gap (the log was joined late) starts the tail anew; an overlap is cut.
  const joined =
    tail === undefined || from > end ? { from, text } : { from: tail.from, text: tail.text + text.slice(end - from) }
  const extra = joined.text.length - logTailChars
  return extra <= 0 ? joined : { from: joined.from + extra, text: joined.text.slice(extra) }
}
