import { type Services, systemCtx } from "../../context.ts"
import { holdProject } from "../chat/hold-project.ts"
import { openAnswer } from "../chat/open-answer.ts"
import { FenceLost } from "../event/append.ts"
import { raiseFence } from "../event/fence.ts"
import { inTransaction } from "../event/transaction.ts"
import { authorizeProject } from "../project/access.ts"
import { reconcileVersions } from "../version/reconcile.ts"
import { storeEnding } from "./finish.ts"
import { setAside } from "./kept-edits.ts"
import { abandonedRuns, setFence, takeOver } from "./line-store.ts"
import { findMessage, noUsage, type RunRow, versionOf } from "./store.ts"

interface Recovery {
  holder: string
  /** `all`: this process is alone, so whatever is running was left by an earlier one. */
  which: "all" | "expired"
  /** Runs that this process works on, whatever their leases say. */
  mine?: ReadonlySet<string>
}

/** Ends the runs that nobody works on any more; what they had said stays. Answers how many. */
export async function recoverRuns(services: Services, recovery: Recovery): Promise<number> {
  let count = 0
  for (const run of await abandonedRuns(services.db, recovery.which)) {
    if (recovery.mine?.has(run.id)) continue
    try {
      if (await recoverRun(services, run, recovery)) count++
    } catch (error) {
      if (!(error instanceof FenceLost))
        services.log.error({ err: error, runId: run.id }, "a run could not be recovered")
    }
  }
  return count
}

async function recoverRun(services: Services, abandoned: RunRow, recovery: Recovery): Promise<boolean> {
  const run = await takeAway(services, abandoned, recovery)
  if (run === null || run.answerId === null) return false
  const ctx = systemCtx(services)
  const project = await authorizeProject(ctx, run.projectId)
  const answer = await findMessage(ctx.db, run.answerId)
  if (answer === null) return false
  // It may have made its commit and died before it could say so: then it did complete.
  await reconcileVersions(ctx, project.id)
  const versionSha = await versionOf(ctx.db, project.id, run.id)
  const completed = versionSha !== null
  await storeEnding(ctx, {
    run,
    message: await openAnswer(ctx.db, answer, run),
    end: completed ? { outcome: "completed", part: null } : { outcome: "interrupted", error: null },
    usage: noUsage,
    commit: null,
    versionSha,
    title: "",
    recoverable: !completed && (await setAside(ctx, project, run.id)),
  })
  services.log.warn({ runId: run.id, projectId: run.projectId, completed }, "ended a run that was cut off")
  return true
}

/** After this nobody else can write for the run, so there is time to look at what is there. */
async function takeAway(services: Services, run: RunRow, recovery: Recovery): Promise<RunRow | null> {
  return inTransaction(services, async (tx) => {
    await holdProject(tx, run.projectId)
    const taken = await takeOver(tx, run, recovery)
    if (taken === null) return null
    return setFence(tx, taken, { fence: await raiseFence(tx, taken.projectId), begins: false })
  })
}
