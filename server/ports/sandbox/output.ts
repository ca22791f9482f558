/** The last bytes of an output, whatever its length. */
export class Tail {
  readonly #chunks: Uint8Array[] = []
  #size = 0
  /** Bytes that are gone. */
  dropped = 0

  constructor(private readonly limit: number) {}

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    while (this.#size > this.limit) {
      const first = this.#chunks[0]!
      const excess = Math.min(this.#size - this.limit, first.length)
      if (excess === first.length) this.#chunks.shift()
      else this.#chunks[0] = first.subarray(excess)
      this.#size -= excess
      this.dropped += excess
    }
  }

  text(): string {
    const text = new TextDecoder().decode(Buffer.concat(this.#chunks))
    // The cut may have gone through a character.
    return this.dropped > 0 ? text.replace(/^\uFFFD+/, "") : text
  }
}

/** An output with its middle cut out: first half of the limit, last half, and how much is missing. */
export class Clip {
  readonly #head: Uint8Array[] = []
  #room: number
  readonly #tail: Tail

  constructor(limit: number) {
    this.#room = Math.ceil(limit / 2)
    this.#tail = new Tail(Math.floor(limit / 2))
  }

  /** Returns the part that is certain to stay. */
  add(chunk: Uint8Array): Uint8Array {
    const kept = chunk.subarray(0, this.#room)
    if (kept.length > 0) this.#head.push(kept)
    this.#room -= kept.length
    if (kept.length < chunk.length) this.#tail.add(chunk.subarray(kept.length))
    return kept
  }

  get truncatedBytes(): number {
    return this.#tail.dropped
  }

  /** What comes after the part that `add` returned. */
  rest(): string {
    const notice =
      this.truncatedBytes > 0 ? `\n… ${this.truncatedBytes.toLocaleString("en-US")} bytes left out …\n` : ""
    return notice + this.#tail.text()
  }

  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#head)) + this.rest()
  }
}
