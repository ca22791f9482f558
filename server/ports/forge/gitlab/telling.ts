import { EventQueue } from "../event-queue.ts"

/** Hands on what the work tells while it is done, and answers what it answers. */
export async function* telling<E, T>(work: (tell: (event: E) => void) => Promise<T>): AsyncGenerator<E, T> {
  const queue = new EventQueue<E>()
  const done = work((event) => queue.push(event)).finally(() => queue.end())
  // Whoever reads hears of a failure below.
  done.catch(() => {})
  yield* queue
  return await done
}
