import { z } from "zod"
import { cleanText } from "../../../lib/clean-text.ts"
import { roomProblem } from "../../file/assert-room.ts"
import { tool } from "./tool.ts"

const outputChars = 16_000
const standardSeconds = 120
const mostSeconds = 600

const endings = {
  timeout: (seconds: number) =>
    `It was ended because it ran longer than ${seconds} s. Do not start servers: the app's own server runs by itself.`,
  aborted: () => "It was stopped.",
  killed: () => "It was ended by the system, perhaps because it used too much memory.",
}

/** Runs a command where the app runs. */
export const runCommandTool = tool({
  name: "run_command",
  description:
    "Run a shell command in the project's folder inside its workspace (a sandbox), for example to run the tests or to add a package. It must end by itself; never start a server with it.",
  input: z.object({
    command: z.string().min(1).max(8_000),
    timeout_seconds: z.int().min(1).max(mostSeconds).optional(),
  }),
  async run({ command, timeout_seconds: seconds = standardSeconds }, { ctx, projectId, root, signal, beforeCommand }) {
    await beforeCommand()
    const result = await ctx.sandboxes.exec(projectId, { command, timeoutMs: seconds * 1000, signal })
    const output = cut(cleanText(result.output), result.truncatedBytes)
    const how = result.ended === "exit" ? `Exit code ${result.exitCode}.` : endings[result.ended](seconds)
    const head = result.reason === undefined ? how : `${result.ended === "exit" ? `${how} ` : ""}${result.reason}`
    const problem = await roomProblem(root)
    const text = `${head}\n${output || "(no output)"}${problem === null ? "" : `\n\n${problem}`}`
    return { text, ok: result.ended === "exit" && result.exitCode === 0 && problem === null }
  },
})

/** The beginning and, more of it, the end: that is where errors are summed up. */
function cut(output: string, truncatedBytes: number): string {
  const note = (chars: number) => `\n(… ${chars} characters left out …)\n`
  if (output.length <= outputChars) return truncatedBytes > 0 ? `${output}${note(truncatedBytes)}` : output
  const head = output.slice(0, outputChars / 4)
  const tail = output.slice(-(outputChars * 3) / 4)
  return cleanText(head + note(output.length - head.length - tail.length + truncatedBytes) + tail)
}
