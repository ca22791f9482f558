import { Tail } from "./output.ts"
import type { SandboxTarget } from "./port.ts"
import { targetKey } from "./target-key.ts"

const bytes = 64 * 1024
/** Logs of apps that ended are kept for this many targets. */
const kept = 200

/** The end of what each app printed, also of those that ended. */
export class Logs {
  readonly #tails = new Map<string, Tail>()

  /** `isRunning` tells whose log has to stay. */
  constructor(private readonly isRunning: (key: string) => boolean) {}

  /** The log of a target, begun when there is none. */
  of(target: SandboxTarget): Tail {
    const key = targetKey(target)
    const tail = this.#tails.get(key) ?? new Tail(bytes)
    this.#tails.delete(key)
    this.#tails.set(key, tail)
    for (const old of this.#tails.keys()) {
      if (this.#tails.size <= kept) break
      if (!this.isRunning(old)) this.#tails.delete(old)
    }
    return tail
  }

  forget(target: SandboxTarget): void {
    this.#tails.delete(targetKey(target))
  }

  text(target: SandboxTarget): string {
    return this.#tails.get(targetKey(target))?.text() ?? ""
  }
}
