import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { bunPath } from "./bun-path.ts"

interface Step {
  text?: string
  calls?: { tool: string; input: unknown }[]
}

/** The Anthropic API on the wire, answering from scripts. */
export interface Wire {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string
  /** Answers a message that holds `wish`: step n follows the n-th round of tool results. */
  script(wish: string, steps: Step[], options?: { tokensPerSecond?: number }): Promise<void>
  /** The turns of each request that offered tools, oldest first, as text. */
  turns(): Promise<string[]>
  stop(): Promise<void>
}

interface Body {
  messages: unknown[]
  tools?: unknown[]
}

export async function startWire(): Promise<Wire> {
  const child = spawn(bunPath(), [join(import.meta.dirname, "wire-double.ts")], { stdio: ["pipe", "pipe", "inherit"] })
  const [line] = (await once(createInterface(child.stdout), "line")) as [string]
  const { model, control } = JSON.parse(line) as { model: string; control: string }
  return {
    url: model,
    script: async (wish, steps, options = {}) => {
      const body = JSON.stringify({ wish, steps, ...options })
      const answer = await fetch(`${control}/script`, { method: "POST", body })
      if (!answer.ok) throw new Error(`the double answered ${answer.status}`)
    },
    turns: async () => {
      const bodies = (await (await fetch(`${control}/requests`)).json()) as Body[]
      return bodies.filter(({ tools = [] }) => tools.length > 0).map(({ messages }) => JSON.stringify(messages))
    },
    stop: async () => {
      const gone = once(child, "exit")
      child.stdin.end()
      await gone
    },
  }
}
