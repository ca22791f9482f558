import type { Actor, Services } from "../../context.ts"

export interface SessionSignal extends Disposable {
  /** Aborts within 5 s after the session or API key ended. */
  readonly signal: AbortSignal
  readonly dispose: () => void
}

/** For streams: how long the one who opened it may go on watching. */
export function sessionSignal(services: Pick<Services, "auth">, actor: Actor): SessionSignal {
  const { signal, close } = watchOf(services, actor)
  return { signal, dispose: close, [Symbol.dispose]: close }
}

function watchOf({ auth }: Pick<Services, "auth">, actor: Actor) {
  switch (actor.type) {
    case "user":
      return auth.sessions.open(actor.sessionId)
    case "apiKey":
      return auth.sessions.open(actor.keyId)
    case "system":
      return { signal: new AbortController().signal, close: () => {} }
  }
}
