import { Refusal } from "./answer.ts"

/** Calls of one endpoint that one user has in a minute. */
export type LimitsPerMinute = Record<string, number>

/** GitLab's own, which are on by default. */
export const defaultLimits: LimitsPerMinute = {
  "GET /projects/:id": 400,
  "GET /groups": 200,
  "GET /groups/:id": 400,
  "GET /groups/:id/projects": 600,
}

const minute = 60_000

/** Counts calls; refuses what is too much, without saying for how long. */
export class Limiter {
  readonly #calls = new Map<string, number[]>()

  constructor(private readonly limits: () => LimitsPerMinute) {}

  take(line: string, token: string): void {
    const most = this.limits()[line]
    if (most === undefined) return
    const key = `${token} ${line}`
    const calls = (this.#calls.get(key) ?? []).filter((at) => Date.now() - at < minute)
    this.#calls.set(key, calls)
    if (calls.length >= most) {
      throw new Refusal(429, {
        message: { error: "This endpoint has been requested too many times. Try again later." },
      })
    }
    calls.push(Date.now())
  }
}
