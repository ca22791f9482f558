import type { RunInfo } from "../../../shared/chat.ts"
import type { Message } from "../../../shared/message.ts"

export const runningRun = (runs: readonly RunInfo[]): RunInfo | undefined => runs.find((run) => run.state === "running")

/** Messages that wait behind a running answer; they show above the composer, not in the conversation. */
export function queuedRuns(runs: readonly RunInfo[]): readonly RunInfo[] {
  const queued = runs.filter((run) => run.state === "queued")
  // Nothing is running here: the first in line only waits for the server, its message is already said.
  return runningRun(runs) === undefined ? queued.slice(1) : queued
}

export const queuedIds = (runs: readonly RunInfo[]): ReadonlySet<string> =>
  new Set(queuedRuns(runs).map((run) => run.messageId))

/** The run whose state shows at this message: at the answer, or at the person's message while there is no answer. */
export function runFor(message: Message, runs: readonly RunInfo[]): RunInfo | undefined {
  return runs.findLast((run) => (run.answerId === null ? run.messageId === message.id : run.answerId === message.id))
}
