import type { MessagePart } from "../../../shared/message.ts"
import type { Ctx } from "../../context.ts"
import { RemoteGitError } from "../../ports/repository/remote-git-error.ts"
import { bringInForRun } from "../forge/bring-in.ts"
import { awayWords, chosenSide, conflictQuestion, nothingWords, settledWords } from "../forge/conflict-words.ts"
import { interruptedWish } from "../forge/interrupted-wish.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import type { MessageRow } from "./store.ts"

/** Longer than this no answer waits for the forge, and for a while none does after it did not answer. */
const mostMs = 5_000
const restMs = 60_000
const restsUntil = new WeakMap<object, number>()

export type Met =
  /** The run goes on, with this wish. */
  | { type: "on"; wish: MessageRow }
  /** It ends here, with these words. */
  | { type: "ended"; words: string; part: MessagePart | null }

/**
 * What others committed at the forge comes in before a run looks at the files. A conflict ends it with a question; its
 * answer settles the conflict and goes on with what was wished before.
 */
export async function meetOutside(
  ctx: Ctx,
  { project, wish, signal }: { project: Authorized<ProjectRow>; wish: MessageRow; signal: AbortSignal },
): Promise<Met> {
  if (ctx.forge.remote === null) return { type: "on", wish }
  const prefer = chosenSide(wish.content)
  if (prefer === null && performance.now() < (restsUntil.get(ctx.forge) ?? 0)) return { type: "on", wish }
  const brought = await bringInForRun(ctx, project.id, {
    prefer,
    signal: AbortSignal.any([signal, AbortSignal.timeout(mostMs)]),
  }).catch((err: unknown) => {
    signal.throwIfAborted()
    // It is looked at again before anything is pushed.
    if (!(err instanceof RemoteGitError) && !(err instanceof DOMException)) throw err
    const away = !(err instanceof RemoteGitError) || err.kind === "away" || err.kind === "timeout"
    if (away) restsUntil.set(ctx.forge, performance.now() + restMs)
    ctx.log.warn({ err, projectId: project.id }, "the forge could not be asked for changes")
    return null
  })
  if (brought === null) return prefer === null ? { type: "on", wish } : { type: "ended", words: awayWords, part: null }
  if (brought.type === "conflict") return { type: "ended", words: "", part: conflictQuestion(brought.paths) }
  if (prefer === null) return { type: "on", wish }
  const wished = await interruptedWish(ctx.db, wish)
  if (wished === null) {
    const words = brought.type === "brought" ? settledWords(prefer) : nothingWords
    return { type: "ended", words, part: null }
  }
  return { type: "on", wish: { ...wish, content: wished } }
}
