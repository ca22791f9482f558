import { BlobReader } from "./blobs.ts"
import { isFile, listTree } from "./tree.ts"

const largest = 1_000_000

/** The files of a commit that are small enough to look through. */
export async function* readFiles(gitDir: string, sha: string): AsyncGenerator<{ path: string; bytes: Uint8Array }> {
  await using blobs = new BlobReader(gitDir)
  for (const entry of await listTree(gitDir, sha)) {
    if (!isFile(entry) || entry.size > largest) continue
    const bytes = await blobs.read(entry.sha)
    if (bytes !== null) yield { path: entry.path, bytes }
  }
}
