import { z } from "zod"
import { cleanText } from "../../../lib/clean-text.ts"
import { readFile, writeFile } from "../../file/workspace.ts"
import { placeholder } from "./gate.ts"
import { replaceOnce } from "./match.ts"
import { failed, tool } from "./tool.ts"

const search = z.string().describe("Lines as they stand in the file now, enough of them to be the only place")
const replace = z.string().describe("The lines that take their place; empty removes them")

/** Changes places of a file: all of them or none. */
export const editFileTool = tool({
  name: "edit_file",
  description:
    "Change a part of an existing file: the text in `search` is replaced by `replace`. It must stand in the file exactly once. For several changes in one file give `edits`; they are made in order, all or none.",
  input: z.object({
    path: z.string(),
    search: search.optional(),
    replace: replace.optional(),
    edits: z.array(z.object({ search, replace })).max(100).optional(),
  }),
  async run({ path, edits = [], ...single }, { root }) {
    const all =
      single.search === undefined ? edits : [{ search: single.search, replace: single.replace ?? "" }, ...edits]
    if (all.length === 0) return failed("Give search and replace, or edits.", path)
    const before = await readFile(root, path)
    if (before === null) return failed(`There is no file ${path}. Create it with write_file.`, path)
    let text = before
    for (const [index, edit] of all.entries()) {
      const replaced = replaceOnce(text, edit.search, cleanText(edit.replace))
      if ("problem" in replaced) {
        const which = all.length > 1 ? `edit ${index + 1} of ${all.length}: ` : ""
        return failed(`${path} was not changed: ${which}${replaced.problem}`, path)
      }
      text = replaced.text
    }
    const left = placeholder(text, before)
    if (left !== null) {
      return failed(`${path} was not changed: "${left.text}" stands where code should be. Give the code itself.`, path)
    }
    if (text === before) return failed(`${path} was not changed: search and replace are the same.`, path)
    const { added, removed } = await writeFile(root, path, text)
    return { text: `Changed ${path}.`, ok: true, path, added, removed }
  },
})
