import { newId } from "../../lib/ids.ts"
import type { Holder } from "./pass.ts"

const codeMs = 30_000

interface Code extends Holder {
  host: string
  until: number
}

/** One-time codes that carry a sign-in from the app's host to a preview host. */
export class Codes {
  readonly #codes = new Map<string, Code>()

  constructor(private readonly now: () => number = Date.now) {}

  /** A code for this host, good once and for 30 s. */
  mint(code: Omit<Code, "until">): string {
    for (const [id, { until }] of this.#codes) if (until < this.now()) this.#codes.delete(id)
    const id = `${newId()}${crypto.randomUUID()}`.replaceAll("-", "")
    this.#codes.set(id, { ...code, until: this.now() + codeMs })
    return id
  }

  /** Takes the code out; null when it is unknown, used, late or of another host. */
  redeem(id: string, host: string): Holder | null {
    const code = this.#codes.get(id)
    this.#codes.delete(id)
    return code === undefined || code.until < this.now() || code.host !== host ? null : code
  }
}
