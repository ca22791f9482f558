import { z } from "zod"
import { AppError } from "../../../app-error.ts"
import { cleanText } from "../../../lib/clean-text.ts"
import { readFile } from "../../file/workspace.ts"
import { tool } from "./tool.ts"

const fileChars = 60_000
const totalChars = 160_000

/** Gives the model the text of files. */
export const readFilesTool = tool({
  name: "read_files",
  description: "Read files of the project. Ask for all that you need in one call.",
  input: z.object({
    paths: z.array(z.string()).min(1).max(30),
    from_line: z.int().min(1).optional().describe("Start at this line, for the rest of a long file"),
  }),
  async run({ paths, from_line: fromLine = 1 }, { root }) {
    let left = totalChars
    let found = 0
    const texts: string[] = []
    for (const path of paths) {
      const file = await readOne(root, path, fromLine, Math.min(fileChars, left))
      if (file.ok) found++
      left = Math.max(0, left - file.text.length)
      texts.push(`=== ${path}${file.note} ===\n${file.text}`)
    }
    return { text: texts.join("\n\n"), ok: found > 0, path: paths.length === 1 ? paths[0] : undefined }
  },
})

async function readOne(root: string, path: string, fromLine: number, chars: number) {
  try {
    const file = await readFile(root, path)
    if (file === null) return { ok: false, note: "", text: "(there is no such file)" }
    const lines = cleanText(file).split("\n")
    const wanted = lines.slice(fromLine - 1).join("\n")
    if (wanted.length <= chars) return { ok: true, note: ` (${lines.length} lines)`, text: wanted }
    const whole = wanted.slice(0, chars).split("\n").slice(0, -1)
    const next = fromLine + whole.length
    return {
      ok: true,
      note: ` (${lines.length} lines)`,
      text: `${whole.join("\n")}\n(cut here; go on with from_line: ${next})`,
    }
  } catch (error) {
    if (error instanceof AppError) return { ok: false, note: "", text: `(${error.message})` }
    throw error
  }
}
