import type { FileChange } from "../../../../shared/version.ts"
import { cleanText } from "../../../lib/clean-text.ts"
import { runGit, startGit } from "./run-git.ts"

const longestPatch = 200_000
/** Of all patches together; later files then show their counts only. */
const longestDiff = 4_000_000
const options = ["-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"]
const kinds = { A: "added", M: "modified", T: "modified", D: "deleted", R: "renamed", C: "added" } as const

type Change = Omit<FileChange, "patch"> & { typeChanged: boolean }

/** Changes from one commit or tree to another, with their patches. */
export async function diffTrees(
  gitDir: string,
  from: string,
  to: string,
  env: Record<string, string> = {},
): Promise<FileChange[]> {
  const changes = await listChanges(gitDir, from, to, env)
  const patches = await readPatches(gitDir, from, to, env)
  let block = 0
  return changes.map(({ typeChanged, ...change }) => {
    // A file that became a link is written as one that went and one that came.
    const patch = patches.slice(block, block + (typeChanged ? 2 : 1)).join("")
    block += typeChanged ? 2 : 1
    return { ...change, patch: cleanText(patch.slice(0, longestPatch)) }
  })
}

export async function countChanges(
  gitDir: string,
  from: string,
  to: string,
): Promise<{ files: number; added: number; removed: number }> {
  const changes = await listChanges(gitDir, from, to, {})
  const sum = (of: (change: Change) => number): number => changes.reduce((total, change) => total + of(change), 0)
  return { files: changes.length, added: sum((change) => change.added), removed: sum((change) => change.removed) }
}

async function listChanges(gitDir: string, from: string, to: string, env: Record<string, string>): Promise<Change[]> {
  const output = await runGit(gitDir, ["diff-tree", ...options, "-z", "--raw", "--numstat", from, to], { env })
  const fields = new TextDecoder().decode(output).split("\0")
  const changes = new Map<string, Change>()
  for (let at = 0; at < fields.length - 1;) {
    const field = fields[at++] ?? ""
    if (field.startsWith(":")) {
      const status = field.split(" ")[4]?.[0] as keyof typeof kinds
      const moved = status === "R" || status === "C"
      const oldPath = moved ? (fields[at++] ?? "") : null
      const path = fields[at++] ?? ""
      changes.set(path, {
        path,
        oldPath,
        change: kinds[status],
        added: 0,
        removed: 0,
        binary: false,
        typeChanged: status === "T",
      })
    } else {
      const [added = "", removed = "", plainPath = ""] = field.split("\t")
      if (plainPath === "") at++
      const change = changes.get(plainPath === "" ? (fields[at++] ?? "") : plainPath)
      if (change === undefined) continue
      change.binary = added === "-"
      change.added = Number(added) || 0
      change.removed = Number(removed) || 0
    }
  }
  return [...changes.values()]
}

/** One text for each file, in the order of the list, cut while it is read. */
async function readPatches(gitDir: string, from: string, to: string, env: Record<string, string>): Promise<string[]> {
  const process = startGit(gitDir, ["diff-tree", ...options, "-p", "--full-index", from, to], { env })
  await process.stdin.end()
  const drained = new Response(process.stderr).text()
  const patches: string[] = []
  let total = 0
  let rest = ""
  const take = (line: string): void => {
    if (line.startsWith("diff --git ")) patches.push("")
    const last = patches.length - 1
    const patch = patches[last]
    if (patch === undefined || patch.length > longestPatch || total > longestDiff) return
    patches[last] = patch + line
    total += line.length
  }
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/(?<=\n)/)
    rest = lines.pop() ?? ""
    // One endless line: its file is shown cut anyway.
    if (rest.length > longestPatch) rest = rest.slice(0, longestPatch + 1)
    for (const line of lines) take(line)
  }
  take(rest)
  await Promise.all([drained, process.exited])
  return patches
}
