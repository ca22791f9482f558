import { z } from "zod"
import { cleanText } from "../../../lib/clean-text.ts"
import { assertVersioned } from "../../file/assert-versioned.ts"
import { readFile, writeFile } from "../../file/workspace.ts"
import { massDeletion, placeholder } from "./gate.ts"
import { failed, tool } from "./tool.ts"

/** Writes a file whole. */
export const writeFileTool = tool({
  name: "write_file",
  description:
    "Create a file or replace all of its content. Always give the complete content, never a shortened form. For a small change in a file that exists, use edit_file.",
  input: z.object({
    path: z.string().describe("Path inside the project, for example tests/stock.test.js"),
    content: z.string().describe("The complete content of the file"),
    replaces_whole_file: z
      .boolean()
      .optional()
      .describe("Set to true only when most of the existing file is meant to go"),
  }),
  async run({ path, content, replaces_whole_file: replaces = false }, { root, isFresh }) {
    const text = content.includes("\0") ? content : cleanText(content)
    const before = await readFile(root, path).catch(() => null)
    if (before === null) assertVersioned(root, path)
    const left = placeholder(text, before)
    if (left !== null) {
      return failed(
        `${path} was not written: line ${left.line} says "${left.text}" instead of the code itself. Write the complete file, or change a part of it with edit_file.`,
        path,
      )
    }
    const gone = replaces || before === null ? null : massDeletion(before, text)
    if (gone !== null && !(await isFresh())) {
      return failed(
        `${path} was not written: ${gone.removed} of its ${gone.lines} lines would be gone. To change a part of it use edit_file. If they are really meant to go, call write_file again with replaces_whole_file: true.`,
        path,
      )
    }
    const { added, removed, created } = await writeFile(root, path, text)
    return { text: created ? `Created ${path}.` : `Wrote ${path}.`, ok: true, path, added, removed }
  },
})
