import { rm } from "node:fs/promises"
import { join } from "node:path"
import { fileLimits } from "../../../../shared/file.ts"
import { AppError } from "../../../app-error.ts"
import { pathProblem } from "../../../lib/tree/path-problem.ts"
import { readEntry, readTreeFile, type RegularFile } from "../../../lib/tree/read.ts"
import { walkTree } from "../../../lib/tree/walk.ts"
import { blobSha, BlobWriter } from "./blobs.ts"
import { indexInfo } from "./name-bytes.ts"
import { anyNames, gitLine, runGit } from "./run-git.ts"
import { isFile, listTree, type TreeEntry } from "./tree.ts"

/** A larger file (a database, a film) stays out of the versions and is left alone. */
export const largestFile = fileLimits.versionedBytes
export const mostFiles = 20_000
const mostBytes = 250_000_000

interface Snapshot {
  entries: Map<string, { mode: string; sha: string }>
  /** Where entries lie. */
  folders: Set<string>
  bytes: number
}

/**
 * Stores a work tree as a git tree and gives its sha. The files are read by us, never by git, so no link, pipe,
 * filter, attribute or nested `.git` of an app that may be running has a say. Links, other repositories and names that
 * no file of a project may have, as they came with an outside commit, are kept as they are.
 */
export async function snapshotTree(
  gitDir: string,
  base: string | null,
  workTree: string,
  env: Record<string, string> = {},
): Promise<string> {
  const known = new Map((base === null ? [] : await listTree(gitDir, base)).map((entry) => [entry.path, entry]))
  const snapshot: Snapshot = { entries: new Map(), folders: new Set(), bytes: 0 }
  await using blobs = new BlobWriter(gitDir, env)
  for await (const { path, name, folder, stat } of walkTree(workTree)) {
    if (stat.size <= largestFile) await addFile(snapshot, blobs, known, path, readEntry(folder, name, largestFile))
  }
  for (const entry of known.values()) {
    if (!snapshot.entries.has(entry.path)) await keepKnown(snapshot, blobs, known, entry, workTree)
  }
  await blobs.finish()
  return writeTree(gitDir, snapshot, env)
}

async function addFile(
  snapshot: Snapshot,
  blobs: BlobWriter,
  known: ReadonlyMap<string, TreeEntry>,
  path: string,
  file: RegularFile | { size: number } | null,
): Promise<void> {
  if (file === null || "size" in file) return
  const sha = blobSha(file.bytes)
  snapshot.bytes += file.bytes.length
  addEntry(snapshot, path, { mode: file.executable ? "100755" : "100644", sha })
  if (snapshot.entries.size > mostFiles || snapshot.bytes > mostBytes) {
    throw new AppError("too_large", "The project has too many or too large files. Add built output to .gitignore.")
  }
  if (known.get(path)?.sha !== sha) await blobs.write(file.bytes)
}

/** What the base has and the walk did not meet: ignored but committed files, and what is no file of ours. */
async function keepKnown(
  snapshot: Snapshot,
  blobs: BlobWriter,
  known: ReadonlyMap<string, TreeEntry>,
  entry: TreeEntry,
  workTree: string,
): Promise<void> {
  if (isFile(entry) && pathProblem(entry.path) === null) {
    const file = readKnown(workTree, entry.path)
    if (file !== null && "size" in file) addEntry(snapshot, entry.path, entry)
    else await addFile(snapshot, blobs, known, entry.path, file)
  } else if (!collides(snapshot, entry.path)) {
    addEntry(snapshot, entry.path, entry)
  }
}

function readKnown(workTree: string, path: string): RegularFile | { size: number } | null {
  try {
    return readTreeFile(workTree, path, largestFile)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/** A file cannot lie where a folder is, nor below a file. */
function collides(snapshot: Snapshot, path: string): boolean {
  if (snapshot.folders.has(path)) return true
  return foldersOf(path).some((folder) => snapshot.entries.has(folder))
}

/** Every folder above a path. */
function foldersOf(path: string): string[] {
  const folders: string[] = []
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) folders.push(path.slice(0, end))
  return folders
}

function addEntry(snapshot: Snapshot, path: string, entry: { mode: string; sha: string }): void {
  snapshot.entries.set(path, entry)
  for (const folder of foldersOf(path)) snapshot.folders.add(folder)
}

/** Through an index of its own, so that calls at the same time do not meet. */
async function writeTree(gitDir: string, snapshot: Snapshot, env: Record<string, string>): Promise<string> {
  const index = join(gitDir, `index-${crypto.randomUUID()}`)
  const own = { ...env, GIT_INDEX_FILE: index }
  try {
    const input = indexInfo([...snapshot.entries].map(([path, { mode, sha }]) => ({ path, entry: `${mode} ${sha}` })))
    await runGit(gitDir, [...anyNames, "update-index", "-z", "--index-info"], { env: own, input })
    return await gitLine(gitDir, [...anyNames, "write-tree"], { env: own })
  } finally {
    await rm(index, { force: true })
    await rm(`${index}.lock`, { force: true })
  }
}
