import { z } from "zod"
import type { MessagePart } from "../../../../shared/message.ts"
import { AppError } from "../../../app-error.ts"
import type { Ctx } from "../../../context.ts"
import type { ToolSpec } from "../../../ports/model/port.ts"

/** Where a tool works: one project's workspace, during one run. */
export interface Bench {
  ctx: Ctx
  projectId: string
  /** The workspace's folder. */
  root: string
  /** No version yet: what lies there is the template, which may be replaced freely. */
  isFresh: () => Promise<boolean>
  signal: AbortSignal
  /** Called before the first command: the project needs its name and its draft starts. */
  beforeCommand: () => Promise<void>
}

export interface ToolResult {
  /** What the model reads. */
  text: string
  ok: boolean
  path?: string
  added?: number
  removed?: number
  /** The run ends with this: last words for the person, and what is shown under them. */
  ending?: { words: string; part: MessagePart | null }
}

/** A tool with its input checked. `silent`: not shown as a line of work. */
export interface Tool {
  name: string
  silent: boolean
  spec: ToolSpec
  call(input: unknown, bench: Bench): Promise<ToolResult>
}

interface Definition<Schema extends z.ZodObject> {
  name: string
  description: string
  input: Schema
  silent?: boolean
  run: (input: z.infer<Schema>, bench: Bench) => Promise<ToolResult>
}

/** Makes a tool: its schema is what the model is told and what its input is held to. */
export function tool<Schema extends z.ZodObject>(definition: Definition<Schema>): Tool {
  const { name, description, input: schema, silent = false, run } = definition
  const { $schema: _, ...input } = z.toJSONSchema(schema, { io: "input" })
  return {
    name,
    silent,
    spec: { name, description, input },
    async call(raw, bench) {
      const parsed = schema.safeParse(raw)
      if (!parsed.success)
        return failed(`The input of ${name} is not right, so it did not run.\n${problems(parsed.error)}`)
      try {
        return await run(parsed.data, bench)
      } catch (error) {
        if (error instanceof AppError) return failed(error.message, pathOf(raw))
        throw error
      }
    },
  }
}

/** A result that says why nothing was done. */
export const failed = (text: string, path?: string): ToolResult => ({ text, ok: false, path })

const problems = (error: z.ZodError): string =>
  error.issues.map((issue) => `- ${issue.path.join(".") || "input"}: ${issue.message}`).join("\n")

/** The path that a call is about, if its input names one. */
export function pathOf(input: unknown): string | undefined {
  if (typeof input !== "object" || input === null) return undefined
  const { path, to } = input as { path?: unknown; to?: unknown }
  const named = path ?? to
  return typeof named === "string" ? named : undefined
}
