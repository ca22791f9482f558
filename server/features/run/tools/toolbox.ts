import { askUserTool } from "./ask-user.ts"
import { deleteFileTool } from "./delete-file.ts"
import { editFileTool } from "./edit-file.ts"
import { finishTool } from "./finish.ts"
import { readFilesTool } from "./read-files.ts"
import { renameFileTool } from "./rename-file.ts"
import { runCommandTool } from "./run-command.ts"
import { searchFilesTool } from "./search-files.ts"
import type { Tool } from "./tool.ts"
import { writeFileTool } from "./write-file.ts"

/** Everything a model can do, in the order it is told about: stable, because providers cache by prefix. */
export const toolbox: readonly Tool[] = [
  writeFileTool,
  editFileTool,
  deleteFileTool,
  renameFileTool,
  readFilesTool,
  searchFilesTool,
  runCommandTool,
  askUserTool,
  finishTool,
]

export const findTool = (name: string): Tool | undefined => toolbox.find((known) => known.name === name)
