import { z } from "zod"
import { deleteFile } from "../../file/workspace.ts"
import { tool } from "./tool.ts"

/** Removes a file. */
export const deleteFileTool = tool({
  name: "delete_file",
  description: "Delete one file of the project.",
  input: z.object({ path: z.string() }),
  async run({ path }, { root }) {
    const { removed } = await deleteFile(root, path)
    return { text: `Deleted ${path}.`, ok: true, path, added: 0, removed }
  },
})
