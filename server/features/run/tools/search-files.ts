import { z } from "zod"
import { cleanText } from "../../../lib/clean-text.ts"
import { searchFiles } from "../../file/workspace.ts"
import { tool } from "./tool.ts"

const mostShown = 100

/** Finds words in the project's files. */
export const searchFilesTool = tool({
  name: "search_files",
  description:
    "Find a piece of text in all files of the project, in upper or lower case. Answers path, line number and line.",
  input: z.object({ query: z.string().min(1).max(200) }),
  async run({ query }, { root }) {
    const matches = await searchFiles(root, query)
    if (matches.length === 0) return { text: `"${query}" is in no file.`, ok: true }
    const shown = matches
      .slice(0, mostShown)
      .map(({ path, line, text }) => `${path}:${line}: ${text.trim().slice(0, 200)}`)
    const more = matches.length > mostShown ? `\n(and ${matches.length - mostShown} more)` : ""
    return { text: cleanText(shown.join("\n") + more), ok: true }
  },
})
