import { pathProblem } from "../../../lib/tree/path-problem.ts"
import { syncTree, type WantedFile } from "../../../lib/tree/sync.ts"
import { BlobReader, blobSha } from "./blobs.ts"
import { GitFailed } from "./run-git.ts"
import { largestFile } from "./snapshot.ts"
import { isFile, listTree } from "./tree.ts"

/**
 * Makes a folder hold exactly the files of a commit, byte for byte. Links, other repositories and names that
 * no file of a project may have (an outside commit can bring them) are left out.
 */
export async function checkoutCommit(gitDir: string, sha: string, workTree: string): Promise<void> {
  await using blobs = new BlobReader(gitDir)
  const entries = await listTree(gitDir, sha)
  const wanted = entries
    .filter((entry) => isFile(entry) && pathProblem(entry.path) === null)
    .map<WantedFile>((entry) => ({
      path: entry.path,
      size: entry.size,
      executable: entry.mode === "100755",
      isSame: (bytes) => blobSha(bytes) === entry.sha,
      read: async () => {
        const bytes = await blobs.read(entry.sha)
        if (bytes === null) throw new GitFailed("cat-file", 0, `${entry.sha} is missing`)
        return bytes
      },
    }))
  await syncTree(workTree, wanted, { largest: largestFile })
}
