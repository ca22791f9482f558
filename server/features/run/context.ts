import type { Turn } from "../../ports/model/port.ts"
import type { Ctx } from "../../context.ts"
import type { ProjectRow } from "../project/access.ts"
import { takeUp } from "./kept-edits.ts"
import { answerTurn, pastTurns } from "./past.ts"
import { projectPart } from "./project-part.ts"
import basePrompt from "./prompt.txt"
import { answerBefore, lastBuild, pastMessages } from "./past-store.ts"
import type { MessageRow, RunRow } from "./store.ts"
import { Talk } from "./talk.ts"

/** Characters of the project's files that go along, and the share of the window they may take. */
const filesChars = 60_000
const filesShare = 0.2

interface Asked {
  run: RunRow
  wish: MessageRow
  project: ProjectRow
  root: string
  model: string
}

/** Everything the model is told before its first step, in the order that lets a provider reuse what it read before. */
export async function contextOf(
  ctx: Ctx,
  { run, wish, project, root, model }: Asked,
): Promise<{ system: string[]; talk: Talk }> {
  const [past, before, checks] = await Promise.all([
    pastMessages(ctx.db, wish, ctx.config.contextMessageLimit),
    answerBefore(ctx.db, wish.id, run.id),
    checksOf(ctx, project.id),
  ])
  const again = before === null ? null : await againOf(ctx, before)
  const chars = Math.min(filesChars, ctx.model.window(model) * 4 * filesShare)
  const title = project.titled ? project.title : null
  const about = await projectPart({ title, template: project.template, root, checks, chars })
  const system = [basePrompt, about, ...(again === null ? [] : [again.note])]
  const wished: Turn = { role: "user", blocks: [{ type: "text", text: wish.content }] }
  return { system, talk: new Talk(pastTurns(past), [wished, ...(again?.turns ?? [])]) }
}

/** The same wish once more: what was said to it so far is on the person's screen, and its edits may be at hand. */
async function againOf(ctx: Ctx, before: NonNullable<Awaited<ReturnType<typeof answerBefore>>>) {
  const { run, answer } = before
  const taken = run.recoverable && (await takeUp(ctx, run))
  const files = taken
    ? "The changes it had made to the files are in the project, as listed above."
    : "None of the changes it had made to the files were kept unless they are in the project as listed above."
  const said = answer.content.trim() !== "" || answer.parts.length > 0
  const turns: Turn[] = said
    ? [
        answerTurn({ message: answer, outcome: run.outcome }),
        { role: "user", blocks: [{ type: "text", text: "Continue from where you were cut off." }] },
      ]
    : []
  return {
    note: `# This turn\nThe person asks for the last answer again because it did not come to its end. ${files}`,
    turns,
  }
}

async function checksOf(ctx: Ctx, projectId: string): Promise<string | null> {
  const build = await lastBuild(ctx.db, projectId)
  if (build?.status === "success") return "The checks of its newest version passed."
  return build?.status === "failed"
    ? `The checks of its newest version failed: ${build.error ?? "no reason given"}`
    : null
}
