import type { z } from "zod"
import { type buildLog, finishedStatuses } from "../../../shared/build.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { authorizeBuild } from "./get.ts"
import { hasLogAfter, jobsOf, readLog } from "./store.ts"

/** Characters of one answer, give or take a piece. */
const answerChars = 1_000_000

/** A job's log from the character `from`; `next` is where the rest begins, `complete` says that there is none. */
export async function readBuildLog(
  ctx: Ctx,
  input: { projectId: string; buildId: string; jobId: string; from: number },
): Promise<z.infer<typeof buildLog>> {
  const build = await authorizeBuild(ctx, input)
  const job = (await jobsOf(ctx.db, [build.id])).find((known) => known.id === input.jobId)
  if (job === undefined) throw new AppError("not_found")
  const pieces = await readLog(ctx.db, job.id, input.from, input.from + answerChars)
  const start = pieces[0]?.from ?? input.from
  const text = pieces
    .map((piece) => piece.text)
    .join("")
    .slice(Math.max(0, input.from - start))
  const next = input.from + text.length
  // The state was read before the text: what is finished there has all its text here.
  const complete = finishedStatuses.includes(job.status) && !(await hasLogAfter(ctx.db, job.id, next))
  return { text, from: input.from, next, complete }
}
