import type { Message } from "../../../shared/message.ts"
import type { RunUsage } from "../../../shared/run.ts"
import type { Ctx } from "../../context.ts"
import type { CommitInfo } from "../../ports/repository/port.ts"
import { codeBlocks } from "../chat/code-blocks.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents, FenceLost } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { projectChanged } from "../project/changed.ts"
import { recordVersion } from "../version/record.ts"
import { settled } from "./answer.ts"
import type { RunEnd } from "./end.ts"
import { completeAnswer, finishRow, type RunRow } from "./store.ts"

export interface Ending {
  run: RunRow
  /** The answer as it was streamed. */
  message: Message
  end: Exclude<RunEnd, { outcome: "lost" }>
  usage: RunUsage
  /** What the run made; null when nothing was changed, or the run did not come to its end. */
  commit: CommitInfo | null
  /** The version that was recorded for this run before (a crash came between its commit and its end). */
  versionSha?: string | null
  /** Of the version. */
  title: string
  recoverable: boolean
}

/** Stores how a run ended and tells of it, in one transaction. Throws `FenceLost` when the run is no longer ours. */
export async function storeEnding(ctx: Ctx, ending: Ending): Promise<void> {
  const { run, end, usage, commit, recoverable } = ending
  const { id: runId, projectId } = run
  const message = finalMessage(ending)
  const { content, parts, codeBlocks, versionSha, tokensUsed } = message
  const error = end.outcome === "completed" ? null : end.error
  const news = {
    type: "run.finished" as const,
    runId,
    outcome: end.outcome,
    error: error ?? undefined,
    usage,
    recoverable,
  }
  await inTransaction(ctx, async (tx) => {
    await holdProject(tx, projectId)
    if (!(await finishRow(tx, run, { outcome: end.outcome, error, usage, recoverable }))) throw new FenceLost(projectId)
    await completeAnswer(tx, message.id, { content, parts, codeBlocks, versionSha, tokensUsed })
    appendEvents(tx, projectId, [{ type: "message.completed", message }], { subjectId: runId })
    if (commit !== null) await recordVersion(ctx, tx, projectId, commit, { runId, title: ending.title })
    appendEvents(tx, projectId, [news], { subjectId: runId })
    await projectChanged(ctx, tx, projectId)
  })
}

function finalMessage({ message, end, usage, commit, versionSha = null }: Ending): Message {
  const { content, parts, ...rest } = settled(message)
  return {
    ...rest,
    content,
    parts: end.outcome === "completed" && end.part !== null ? [...parts, end.part] : parts,
    codeBlocks: codeBlocks(content),
    versionSha: commit?.sha ?? versionSha,
    tokensUsed: usage.input + usage.output,
  }
}
