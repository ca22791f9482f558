import { AppError } from "../../app-error.ts"
import type { Actor, Services } from "../../context.ts"

export interface OpenStream extends Disposable {
  readonly close: () => void
}

/** Takes one of the streams a person may have open at once; throws `limit_streams`. */
export function openStream({ auth, config }: Pick<Services, "auth" | "config">, actor: Actor): OpenStream {
  if (actor.type === "system") return { close: () => {}, [Symbol.dispose]: () => {} }
  const { streams } = auth
  const { userId } = actor
  const open = streams.get(userId) ?? 0
  if (open >= config.maxStreamsPerUser) {
    throw new AppError("limit_streams", `At most ${config.maxStreamsPerUser} can be open at once.`)
  }
  streams.set(userId, open + 1)
  let closed = false
  const close = () => {
    if (closed) return
    closed = true
    const left = (streams.get(userId) ?? 1) - 1
    if (left === 0) streams.delete(userId)
    else streams.set(userId, left)
  }
  return { close, [Symbol.dispose]: close }
}
