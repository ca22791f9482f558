import type { Ctx } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { inTransaction } from "../event/transaction.ts"
import { nameProject } from "../project/slug.ts"
import type { ProjectRow } from "../project/access.ts"

const waitMs = 5_000
const titleChars = 60

const instruction =
  "Give the app that this person wants a short name: two to four words in their language, no quotes, no full stop. Answer with the name alone."

interface Naming {
  ctx: Ctx
  project: ProjectRow
  wish: string
  model: string
  signal: AbortSignal
}

/** Names a project once. `begin` may be called when the answer has begun; `done` makes sure that there is a name. */
export class Namer {
  #work: Promise<void> | null = null

  constructor(private readonly naming: Naming) {}

  begin(): void {
    const { project } = this.naming
    if (project.slug !== null && project.titled) return
    this.#work ??= name(this.naming)
    // Whoever needs the name awaits `done` and sees the failure there.
    this.#work.catch(() => undefined)
  }

  async done(): Promise<void> {
    this.begin()
    await this.#work
  }
}

async function name(naming: Naming): Promise<void> {
  const { ctx, project } = naming
  const title = project.titled ? project.title : await askForTitle(naming)
  await inTransaction(ctx, (tx) => nameProject(ctx, tx, project.id, title))
}

async function askForTitle({ ctx, wish, model, signal }: Naming): Promise<string> {
  const turns = [{ role: "user" as const, blocks: [{ type: "text" as const, text: wish.slice(0, 4_000) }] }]
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
    const answer = await ctx.model.complete({ model, system: [instruction], turns, maxTokens: 40 }, within)
    return tidy(answer) || firstWords(wish)
  } catch (error) {
    if (!signal.aborted) ctx.log.info({ err: error }, "no title from the model, the first words stand in")
    return firstWords(wish)
  }
}

/** One line without the decoration that models like to add. */
function tidy(answer: string): string {
  const line = cleanText(answer).trim().split("\n", 1)[0] ?? ""
  const words = line.replace(/^(title|name)\s*:\s*/i, "").replace(/^[\s"'“”„«»*#`]+|[\s"'“”„«»*`.!]+$/gu, "")
  return words.length <= titleChars ? words : ""
}

/** What stands in for a name: the beginning of the wish, cut between words. */
export function firstWords(wish: string): string {
  const line = cleanText(wish).replace(/\s+/g, " ").trim()
  const wanted = line.replace(
    /^(please |could you |can you |i (need|want|would like) |build |make |create |me |us |a |an )+/i,
    "",
  )
  const words = wanted === "" ? line : wanted
  if (words.length <= titleChars) return capital(words)
  const cut = words.slice(0, titleChars)
  const end = cut.lastIndexOf(" ")
  return capital((end > 20 ? cut.slice(0, end) : cut).toWellFormed().replaceAll("\uFFFD", ""))
}

const capital = (text: string): string => text.replace(/^\p{Ll}/u, (first) => first.toUpperCase())
