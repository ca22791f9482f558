import { AppError } from "../../app-error.ts"

const most = 5
const windowMs = 60_000

const tries = new Map<string, { count: number; until: number }>()

/**
 * Counts before the password is looked at, so that many at once count too. better-auth limits its own addresses; this
 * is for a procedure of ours that takes a password. Throws `rate_limited`.
 */
export function countPasswordTry(userId: string): void {
  const now = Date.now()
  for (const [id, { until }] of tries) if (until <= now) tries.delete(id)
  const known = tries.get(userId) ?? { count: 0, until: now + windowMs }
  if (known.count >= most) throw new AppError("rate_limited")
  known.count++
  tries.set(userId, known)
}
