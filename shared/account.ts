import { z } from "zod"
import { id, time } from "./ids.ts"
import { project } from "./project.ts"

export const account = z.object({
  id,
  name: z.string(),
  email: z.string(),
  role: z.enum(["admin", "user"]),
  createdAt: time,
})
export type Account = z.infer<typeof account>

export const accountUpdateInput = z.object({ name: z.string().trim().min(1).max(120) })

export const session = z.object({
  id,
  current: z.boolean(),
  userAgent: z.string().nullable(),
  ipAddress: z.string().nullable(),
  createdAt: time,
  expiresAt: time,
})
export type Session = z.infer<typeof session>
export const revokeSessionInput = z.object({ sessionId: id })

export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** First characters, to recognise it by. */
  start: z.string().nullable(),
  createdAt: time,
  lastUsedAt: time.nullable(),
})
export type ApiKey = z.infer<typeof apiKey>
export const keyCreateInput = z.object({ name: z.string().trim().min(1).max(60) })
/** The secret is shown this once; only its hash is kept. */
export const keyCreated = apiKey.extend({ key: z.string() })
export const keyRemoveInput = z.object({ keyId: z.string().min(1).max(100) })
/** The account, its projects and all that belongs to them go for good. */
export const accountRemoveInput = z.object({ password: z.string().min(1).max(200) })

export const accountEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("project.changed"), project }),
  z.object({ type: z.literal("project.removed"), projectId: id }),
])
export type AccountEvent = z.infer<typeof accountEvent>
