import type { AccountEvent } from "../../../shared/account.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { personId } from "./person.ts"
import { onAccountNews } from "./project-news.ts"
import { sessionSignal } from "./session-signal.ts"
import { openStream } from "./stream-limit.ts"

/**
 * Changes of this person's projects from now on; the client loads its list again when it connects. Ends by throwing:
 * `unauthorized` when the session ended, `unavailable` when the server drains, so that the client comes back.
 */
export async function* watchAccount(ctx: Ctx, signal: AbortSignal | undefined): AsyncGenerator<AccountEvent> {
  using _slot = openStream(ctx, ctx.actor)
  using session = sessionSignal(ctx, ctx.actor)
  const ended = AbortSignal.any([session.signal, ctx.draining, ...(signal === undefined ? [] : [signal])])
  // The newest of each project is enough, so a slow reader holds at most one event a project.
  const waiting = new Map<string, AccountEvent>()
  let wake = () => {}
  const stop = onAccountNews(ctx, personId(ctx), (event) => {
    const projectId = event.type === "project.changed" ? event.project.id : event.projectId
    waiting.delete(projectId)
    waiting.set(projectId, event)
    wake()
  })
  const onEnd = () => wake()
  ended.addEventListener("abort", onEnd)
  try {
    while (!ended.aborted) {
      if (waiting.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const events = [...waiting.values()]
      waiting.clear()
      yield* events
    }
    if (session.signal.aborted) throw new AppError("unauthorized")
    if (ctx.draining.aborted) throw new AppError("unavailable", "The server is restarting.")
  } finally {
    ended.removeEventListener("abort", onEnd)
    stop()
  }
}
