import type { RunUsage } from "../../../shared/run.ts"
import { runErrors } from "../../../shared/errors.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import type { CommitInfo } from "../../ports/repository/port.ts"
import { FenceLost } from "../event/append.ts"
import type { Authorized, ProjectRow } from "../project/access.ts"
import { commitWorkspace } from "../version/commit.ts"
import type { Answer } from "./answer.ts"
import type { RunEnd } from "./end.ts"
import { storeEnding } from "./finish.ts"
import { setAside } from "./kept-edits.ts"
import { isHeld, type MessageRow, type RunRow } from "./store.ts"
import type { Namer } from "./title.ts"
import { wakeDraft } from "./wake-draft.ts"

const titleChars = 72
const mostTries = 3

interface WindUp {
  ctx: Ctx
  run: RunRow
  project: Authorized<ProjectRow>
  wish: MessageRow
  namer: Namer
  answer: Answer
  end: Exclude<RunEnd, { outcome: "lost" }>
  usage: RunUsage
  author: { name: string; email: string } | null
}

/** Everything after the last word: name, commit or recovery, the end in the database, then what follows from it. */
export async function windUp({ ctx, run, project, wish, namer, answer, end, usage, author }: WindUp): Promise<void> {
  await answer.close()
  // Files are not behind the fence: whoever was taken over must not touch them either.
  if (!(await isHeld(ctx.db, run))) throw new FenceLost(project.id)
  // A version's address needs the name.
  await namer.done()
  const title = titleOf(wish.content)
  const made = await commitEdits({ ctx, run, project, end, author, title })
  const recoverable = made.end.outcome !== "completed" && (await setAside(ctx, project, run.id))
  const ending = { run, message: answer.message, end: made.end, usage, commit: made.commit, title, recoverable }
  await persist(() => storeEnding(ctx, ending))
  if (made.commit === null) return
  ctx.builds.kick()
  wakeDraft(ctx, project.id)
}

/** A passing failure of the database shall not cost an answer; for longer ones there is the recovery. */
async function persist(store: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store()
    } catch (error) {
      if (error instanceof FenceLost || attempt === mostTries) throw error
      await Bun.sleep(attempt * 300)
    }
  }
}

interface Commit extends Pick<WindUp, "ctx" | "run" | "project" | "end" | "author"> {
  title: string
}

/** The version that a completed run makes; a tree that cannot become one makes the run fail, with its edits kept. */
async function commitEdits({ ctx, run, project, end, author, title }: Commit) {
  const none = { end, commit: null as CommitInfo | null }
  if (end.outcome !== "completed") return none
  try {
    const by = author ?? { name: "Go Chat", email: "go-chat@localhost" }
    return { end, commit: await commitWorkspace(ctx, project, { runId: run.id, title, author: by }) }
  } catch (error) {
    const tooLarge = error instanceof AppError && error.kind === "too_large"
    if (!tooLarge) ctx.log.error({ err: error }, "a version could not be made")
    const kind = tooLarge ? "too_large" : "internal"
    const detail = tooLarge ? error.message : "The changes could not be stored as a version."
    return { ...none, end: { outcome: "failed" as const, error: { kind, words: runErrors[kind], detail } } }
  }
}

/** The first line of the wish. */
function titleOf(wish: string): string {
  const line = wish.trim().split("\n", 1)[0]?.replace(/\s+/g, " ").trim() ?? ""
  return line.length <= titleChars
    ? line
    : `${line
        .slice(0, titleChars - 1)
        .toWellFormed()
        .replaceAll("\uFFFD", "")
        .trimEnd()}…`
}
