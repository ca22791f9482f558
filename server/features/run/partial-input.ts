/** Fields whose text is what gets written; their line ends are counted. */
const written = new Set(["content", "replace", "search"])
/** Fields that name the file. */
const naming = new Set(["path", "to"])

/**
 * Reads the JSON of a tool call while it arrives, in pieces cut anywhere: which file it is about, and how many lines
 * have been written so far. Never fails: JSON that is broken just stops telling.
 */
export class PartialInput {
  #path: string | undefined
  #ends = 0
  /** Characters of the current line that is being written. */
  #open = false

  #inString = false
  #escape = ""
  #depth = 0
  #isKey = false
  /** Name of the field that the next value belongs to. */
  #key = ""
  #text = ""

  get path(): string | undefined {
    return this.#path
  }

  get lines(): number {
    return this.#ends + (this.#open ? 1 : 0)
  }

  push(json: string): void {
    for (const char of json) {
      if (this.#inString) this.#inside(char)
      else this.#outside(char)
    }
  }

  #outside(char: string): void {
    if (char === '"') {
      this.#inString = true
      this.#text = ""
    } else if (char === "{") {
      this.#depth++
      this.#isKey = true
    } else if (char === "}") this.#depth--
    else if (char === ",") this.#isKey = true
    else if (char === ":") this.#isKey = false
  }

  #inside(char: string): void {
    if (this.#escape !== "") {
      this.#escape += char
      if (this.#escape[1] === "u" && this.#escape.length < 6) return
      const text = unescaped(this.#escape)
      this.#escape = ""
      this.#add(text)
    } else if (char === "\\") this.#escape = char
    else if (char === '"') this.#close()
    else this.#add(char)
  }

  #add(char: string): void {
    if (this.#isKey) this.#text += char
    else if (written.has(this.#key)) {
      if (char === "\n") this.#ends++
      this.#open = char !== "\n"
    } else if (this.#depth === 1 && naming.has(this.#key) && this.#text.length < 300) this.#text += char
  }

  #close(): void {
    this.#inString = false
    if (this.#isKey) this.#key = this.#text
    else if (this.#depth === 1 && naming.has(this.#key)) this.#path = this.#text.toWellFormed()
    else if (written.has(this.#key) && this.#open) {
      // The next text (another edit) starts on a line of its own.
      this.#ends++
      this.#open = false
    }
  }
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" }

function unescaped(escape: string): string {
  const kind = escape[1] ?? ""
  if (kind === "u") return String.fromCharCode(Number.parseInt(escape.slice(2), 16) || 0xfffd)
  return escapes[kind] ?? kind
}
