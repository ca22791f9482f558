import type { Actor, Ctx } from "../../context.ts"
import { AppError } from "../../app-error.ts"
import { cleanText } from "../../lib/clean-text.ts"

/** What a person wrote, fit to be stored; throws when it is empty or longer than this server allows. */
export function checkWish(ctx: Pick<Ctx, "config">, content: string): string {
  const limit = ctx.config.maxMessageChars
  if (content.length > limit) {
    throw new AppError("too_large", `A message may have ${limit} characters; this one has ${content.length}.`)
  }
  if (content.trim() === "") throw new AppError("bad_input", "The message is empty.")
  return cleanText(content)
}

/** Whoever asks a model for something is a person or a person's program. */
export function personOf(actor: Actor): string {
  if (actor.type === "user" || actor.type === "apiKey") return actor.userId
  throw new AppError("forbidden", "Only a person can talk to the AI.")
}

/** Refuses a model that this server does not offer. */
export async function checkModel(ctx: Pick<Ctx, "config" | "model">, model: string | undefined): Promise<void> {
  if (model === undefined || model === ctx.model.defaultModel) return
  const allowed = ctx.config.allowedModels
  if (allowed.length > 0 && !allowed.includes(model)) throw notOffered(model)
  if (allowed.includes(model)) return
  const offered = await ctx.model.list()
  if (!offered.some((known) => known.id === model)) throw notOffered(model)
}

const notOffered = (model: string) => new AppError("bad_input", `This server does not offer the model "${model}".`)
