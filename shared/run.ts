import { z } from "zod"

export const runOutcome = z.enum(["completed", "stopped", "failed", "interrupted"])
export type RunOutcome = z.infer<typeof runOutcome>

export const runUsage = z.object({ input: z.int(), output: z.int(), cached: z.int() })
export type RunUsage = z.infer<typeof runUsage>

export const runError = z.object({
  kind: z.string(),
  /** Plain words for a person. */
  words: z.string(),
  detail: z.string().nullable(),
})
export type RunError = z.infer<typeof runError>
