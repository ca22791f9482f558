/** Each hash takes 19 MB and a core for a moment; more at once would only make all of them slower. */
const atOnce = 3

let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < atOnce) running++
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    // The place goes to the next in line without becoming free in between.
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

/** Argon2id with the parameters that OWASP names first. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 }))
}

/** False also for a hash that is none. */
export function verifyPassword(given: { hash: string; password: string }): Promise<boolean> {
  return inTurn(() => Bun.password.verify(given.password, given.hash).catch(() => false))
}
