import { z } from "zod"
import { appRouter } from "../trpc/router.ts"

const flat = z.record(
  z.string(),
  z.custom<{ _def: { type: "query" | "mutation" | "subscription"; inputs: unknown[] } }>((made) => made !== undefined),
)

export interface ProcedureInfo {
  /** E.g. `account.keys.list`. */
  path: string
  type: "query" | "mutation" | "subscription"
  takesInput: boolean
}

/** Every procedure of the server. tRPC keeps them in one flat record, which its types do not show. */
export const procedures: ProcedureInfo[] = Object.entries(flat.parse(appRouter._def.procedures)).map(
  ([path, { _def: made }]) => ({ path, type: made.type, takesInput: made.inputs.length > 0 }),
)
