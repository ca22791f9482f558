import { type Services, systemCtx } from "../../context.ts"
import { FenceLost } from "../event/append.ts"
import { layDown } from "../version/lay-down.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { messageView } from "../chat/view.ts"
import { type Authorized, authorizeProject, type ProjectRow } from "../project/access.ts"
import { followWish } from "../project/follow-wish.ts"
import { Answer } from "./answer.ts"
import type { Claim } from "./claim.ts"
import { contextOf } from "./context.ts"
import { endOf, type RunEnd } from "./end.ts"
import { converse } from "./loop.ts"
import { authorOf, findMessage, type MessageRow } from "./store.ts"
import { meetOutside } from "./meet-outside.ts"
import { Namer } from "./title.ts"
import type { Bench } from "./tools/tool.ts"
import { wakeDraft } from "./wake-draft.ts"
import { windUp } from "./wind-up.ts"

/** One run from its claim to its end. Never rejects: whatever happens, the run ends or is left to its recovery. */
export async function executeRun(services: Services, claim: Claim, signal: AbortSignal): Promise<void> {
  const { run } = claim
  const log = services.log.child({ runId: run.id, projectId: run.projectId })
  const ctx = { ...systemCtx(services), log, requestId: run.id }
  const fence = { runId: run.id, fence: run.fence }
  const answer = new Answer(services, run.projectId, fence, messageView(claim.answer))
  const usage = { input: 0, output: 0, cached: 0 }
  try {
    const asked = await authorizeProject(ctx, run.projectId)
    const wish = await findMessage(ctx.db, run.messageId)
    if (wish === null) throw new Error("the wish of a run is gone")
    const project = await followWish(ctx, asked, wish.content)
    const model = run.model ?? ctx.model.defaultModel
    let wished = wish
    const onWished = (met: MessageRow) => (wished = met)
    const namer = new Namer({ ctx, project, wish: wish.content, model, signal })
    const end = await attempt(signal, log, () =>
      work({ claim, project, wish, model, namer, answer, usage, signal, ctx, onWished }),
    )
    log.info({ outcome: end.outcome, usage, error: "error" in end ? end.error : undefined }, "run ended")
    if (end.outcome === "lost") {
      // Not awaited: it may be the database that is lost.
      answer.close().catch(() => undefined)
      return
    }
    const author = await authorOf(ctx.db, run.userId)
    await windUp({ ctx, run, project, wish: wished, namer, answer, end, usage, author })
  } catch (error) {
    // The lease runs out by itself, and whoever sweeps next ends the run with what is stored of it.
    if (error instanceof FenceLost) log.warn("a run was taken over by another server")
    else log.error({ err: error }, "a run could not be ended")
  }
}

interface Work {
  ctx: Services & Bench["ctx"]
  claim: Claim
  project: Authorized<ProjectRow>
  wish: MessageRow
  model: string
  namer: Namer
  answer: Answer
  usage: { input: number; output: number; cached: number }
  signal: AbortSignal
  /** The wish that is really answered: an answer to a question may stand for the one before it. */
  onWished: (wish: MessageRow) => void
}

async function work({
  ctx,
  claim,
  project,
  wish,
  model,
  namer,
  answer,
  usage,
  signal,
  onWished,
}: Work): Promise<RunEnd> {
  signal.throwIfAborted()
  await layDown(ctx, project)
  const outside = await meetOutside(ctx, { project, wish, signal })
  if (outside.type === "ended") {
    answer.text(outside.words)
    return { outcome: "completed", part: outside.part }
  }
  onWished(outside.wish)
  const root = workspaceRoot(ctx.config, project.id)
  const { system, talk } = await contextOf(ctx, { run: claim.run, wish: outside.wish, project, root, model })
  let awake = false
  const bench: Bench = {
    ctx,
    projectId: project.id,
    root,
    isFresh: async () => (await ctx.repository.head(project.id)) === null,
    signal,
    async beforeCommand() {
      if (awake) return
      awake = true
      await namer.done()
      wakeDraft(ctx, project.id)
    },
  }
  const maxTokens = ctx.config.claudeMaxTokens
  const onBegun = () => namer.begin()
  return converse({ model: ctx.model, name: model, system, talk, maxTokens, answer, usage, bench, onBegun })
}

async function attempt(signal: AbortSignal, log: Services["log"], run: () => Promise<RunEnd>): Promise<RunEnd> {
  try {
    return await run()
  } catch (error) {
    const end = endOf(error, signal)
    if (end.outcome === "failed") log.warn({ err: error, kind: end.error.kind }, "a run failed")
    return end
  }
}
