import { initTRPC } from "@trpc/server"
import { AppError } from "../app-error.ts"
import type { Actor, Services } from "../context.ts"
import { errorShape } from "./error-shape.ts"

/** What a call begins with; who acts is found out when a procedure asks. */
export interface CallContext extends Services {
  requestId: string
  /** `fresh` asks the database; otherwise the signed cookie is believed for up to a minute. */
  resolve(fresh: boolean): Promise<Actor | null>
}

const t = initTRPC.context<CallContext>().create({
  isDev: false,
  errorFormatter: ({ error, shape, ctx }) => errorShape(error, shape, ctx?.requestId ?? ""),
})

export const router = t.router
export const createCallerFactory = t.createCallerFactory

/** For everybody, signed in or not. */
export const publicProcedure = t.procedure

/** For whoever is signed in, or holds an API key. What changes something or watches asks the database who that is. */
export const procedure = t.procedure.use(async ({ ctx, type, next }) => {
  const actor = await ctx.resolve(type !== "query")
  if (actor === null) throw new AppError("unauthorized")
  return next({ ctx: { actor } })
})

/** For admins, by what the database says now. */
export const adminProcedure = t.procedure.use(async ({ ctx, next }) => {
  const actor = await ctx.resolve(true)
  if (actor === null) throw new AppError("unauthorized")
  if (actor.type === "system" || actor.role !== "admin") throw new AppError("forbidden")
  return next({ ctx: { actor } })
})
