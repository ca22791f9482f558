import { z } from "zod"
import { EngineError } from "../to-engine-error.ts"

/** A line of what an engine says while it fetches or builds. */
const said = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional().nullable(),
  error: z.string().optional(),
})
export type Said = z.infer<typeof said>

/** A line longer than this is no line of ours. */
const lineChars = 1_000_000

/**
 * Hears an engine out. Throws `EngineError` when it says that it failed, and when the connection ends before its
 * answer does.
 */
export async function hear(stream: NodeJS.ReadableStream, onSaid: (line: Said) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const decoder = new TextDecoder()
  let rest = ""
  let fault: EngineError | null = null
  const read = (line: string) => {
    const parsed = parse(line)
    if (parsed === null) return
    if (parsed.error !== undefined) fault ??= engineFault(parsed.error)
    onSaid(parsed)
  }
  stream.on("data", (chunk: Uint8Array) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
    rest = (lines.pop() ?? "").slice(0, lineChars)
    for (const line of lines) read(line)
  })
  stream.on("end", () => {
    read(rest)
    if (fault === null) resolve()
    else reject(fault)
  })
  stream.on("error", (error: Error) => reject(fault ?? new EngineError("away", error.message, { cause: error })))
  stream.on("close", () => reject(fault ?? new EngineError("away", "the connection ended")))
  await promise
}

function parse(line: string): Said | null {
  if (line.trim() === "") return null
  try {
    return said.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}

function engineFault(message: string): EngineError {
  const full = /no space left on device|disk quota exceeded/i.test(message)
  return new EngineError(full ? "full" : "refused", message)
}
