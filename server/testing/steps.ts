import { join } from "node:path"

export const root = join(import.meta.dir, "../..")

/**
 * Settings of the person who runs the tests must not decide what they find; a test says itself what it needs. Empty
 * and not left out: otherwise Bun would take them from `.env`.
 */
export function testEnvironment(
  own: Record<string, string | undefined>,
  settings: string,
): Record<string, string | undefined> {
  const names = [...settings.matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name)
  const unset = Object.fromEntries(names.map((name) => [name, ""]))
  return { ...own, ...unset, NODE_ENV: "test", BUN_CONFIG_MAX_HTTP_REQUESTS: "4096" }
}

/** What a command said, shown while it was said. */
export interface Said {
  ok: boolean
  output: string
}

/** The steps of a check, what they found and how long they took. */
export class Steps {
  passed = 0
  failed = 0
  readonly #lines: string[] = []

  constructor(private readonly environment: Record<string, string | undefined>) {}

  /** Runs one step; what it returns or throws is its problem. A step that failed without counting counts once. */
  async step(name: string, work: () => Promise<string | null>): Promise<void> {
    process.stdout.write(`\n── ${name}\n`)
    const began = performance.now()
    const failedBefore = this.failed
    const problem = await work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    if (problem === null) {
      this.#lines.push(`ok      ${name} (${seconds} s)`)
      return
    }
    process.stdout.write(`${problem}\n`)
    this.failed += this.failed === failedBefore ? 1 : 0
    this.#lines.push(`FAILED  ${name} (${seconds} s): ${problem.split("\n")[0]}`)
  }

  /** A line of the summary that is neither good nor bad. */
  note(words: string): void {
    this.#lines.push(`        ${words}`)
  }

  async run(command: string[], env: Record<string, string> = {}): Promise<Said> {
    const child = Bun.spawn(command, {
      cwd: root,
      env: { ...this.environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    const texts = await Promise.all([child.stdout, child.stderr].map(show))
    return { ok: (await child.exited) === 0, output: texts.join("\n") }
  }

  /** A tool that says everything itself. */
  async tool(name: string, ...args: string[]): Promise<string | null> {
    return (await this.run([process.execPath, "x", "--no-install", name, ...args])).ok ? null : "see above"
  }

  /** Prints the summary; its last line is the count. Returns the exit code. */
  end(): number {
    process.stdout.write(`\n${this.#lines.join("\n")}\n\n${this.passed} passed, ${this.failed} failed\n`)
    return this.failed === 0 ? 0 : 1
  }
}

async function show(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ""
  for await (const chunk of stream) {
    process.stdout.write(chunk)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}
