import { linesOfBytes } from "./name-bytes.ts"
import { type GitOptions, runGit } from "./run-git.ts"

export interface TreeEntry {
  /** As git writes it: 100644, 100755 (runs), 120000 (link), 160000 (another repository). */
  mode: string
  sha: string
  size: number
  /** Not well-formed where the name is no text. */
  path: string
}

export const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

/** Every entry of a commit or tree that is not a folder. */
export async function listTree(gitDir: string, treeish: string, options: GitOptions = {}): Promise<TreeEntry[]> {
  if (treeish === emptyTree) return []
  const output = await runGit(gitDir, ["ls-tree", "-r", "-l", "-z", "--full-tree", treeish], options)
  return linesOfBytes(output).map((line) => {
    const tab = line.indexOf("\t")
    const [mode = "", , sha = "", size = ""] = line.slice(0, tab).split(/ +/)
    return { mode, sha, size: Number(size) || 0, path: line.slice(tab + 1) }
  })
}

export const isFile = (entry: TreeEntry): boolean => entry.mode === "100644" || entry.mode === "100755"
