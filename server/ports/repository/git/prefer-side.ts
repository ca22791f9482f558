import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { indexInfo, linesOfBytes } from "./name-bytes.ts"
import { anyNames, gitLine, runGit } from "./run-git.ts"
import { listTree } from "./tree.ts"

const none = "0".repeat(40)

/**
 * What a merge made of two trees, but with everything of which it said that it is a conflict as it is in `side`: a file
 * that is not there is not there. Answers the tree.
 */
export async function preferSide(
  gitDir: string,
  merged: string,
  side: string,
  paths: readonly string[],
): Promise<string> {
  const entries = new Map((await listTree(gitDir, side)).map((entry) => [entry.path, entry]))
  const lines = paths.map((path) => {
    const entry = entries.get(path)
    return { path, entry: entry === undefined ? `0 ${none}` : `${entry.mode} ${entry.sha}` }
  })
  // What goes first makes room: a file may come where a folder was.
  lines.sort((a, b) => Number(b.entry.startsWith("0 ")) - Number(a.entry.startsWith("0 ")))
  const folder = await mkdtemp(join(tmpdir(), "gochat-merge-"))
  try {
    const env = { GIT_INDEX_FILE: join(folder, "index") }
    await runGit(gitDir, [...anyNames, "read-tree", merged], { env })
    await runGit(gitDir, [...anyNames, "update-index", "--replace", "-z", "--index-info"], {
      env,
      input: indexInfo(lines),
    })
    return await gitLine(gitDir, [...anyNames, "write-tree"], { env })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * What `merge-tree -z --name-only` says: the tree, the paths that are in conflict, and all that its words about
 * conflicts name: where a file was before it was renamed, or which name it was given beside a folder.
 */
export function readMergeTree(stdout: Uint8Array): { tree: string; conflict: string[]; concerned: string[] } {
  const [tree = "", ...fields] = linesOfBytes(stdout)
  const end = fields.indexOf("")
  const conflict = end < 0 ? fields : fields.slice(0, end)
  const words = end < 0 ? [] : fields.slice(end + 1)
  const concerned = new Set(conflict)
  for (let at = 0; at < words.length;) {
    const count = Number(words[at])
    if (words[at] === "" || !Number.isSafeInteger(count)) break
    const paths = words.slice(at + 1, at + 1 + count)
    if (words[at + 1 + count]?.startsWith("CONFLICT") === true) for (const path of paths) concerned.add(path)
    at += count + 3
  }
  return { tree, conflict, concerned: [...concerned] }
}
