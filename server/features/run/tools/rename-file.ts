import { z } from "zod"
import { assertVersioned } from "../../file/assert-versioned.ts"
import { renameFile } from "../../file/workspace.ts"
import { tool } from "./tool.ts"

/** Moves a file. */
export const renameFileTool = tool({
  name: "rename_file",
  description: "Give a file another path. Refused when a file is there already.",
  input: z.object({ from: z.string(), to: z.string() }),
  async run({ from, to }, { root }) {
    assertVersioned(root, to)
    await renameFile(root, from, to)
    return { text: `Renamed ${from} to ${to}.`, ok: true, path: to, added: 0, removed: 0 }
  },
})
