import { existsSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Repository } from "../port.ts"
import { BlobReader } from "./blobs.ts"
import { checkoutCommit } from "./checkout.ts"
import { commitWorkTree } from "./commit.ts"
import { compareCommits } from "./compare.ts"
import { createRepository } from "./create-repository.ts"
import { diffTrees } from "./diff.ts"
import { fetchBranch } from "./fetch.ts"
import { advanceMain, mergeOutside } from "./merge-outside.ts"
import { pushCommit } from "./push.ts"
import { deleteRef, mainHead, parentOf, resolveCommit } from "./refs.ts"
import { pickCommit, restoreCommit } from "./reuse.ts"
import { readFiles } from "./read-files.ts"
import { type RemoteLimits, remoteLimits } from "./remote-run.ts"
import { gitLine, startGit } from "./run-git.ts"
import { serveGit } from "./serve-git.ts"
import { workTreeStatus } from "./status.ts"
import { outputOf } from "./stream.ts"
import { emptyTree, isFile, listTree } from "./tree.ts"

interface GitRepositoryOptions {
  reposDir: string
  /** How much time and space the forge gets, and which proxies and certificates lead to it (`networkEnvironment`). */
  remote?: Partial<RemoteLimits>
}

/** The repository port over the git command line, one bare repository in `reposDir` for each project. */
export function createGitRepository({ reposDir, remote }: GitRepositoryOptions): Repository {
  const limits = { ...remoteLimits, ...remote }
  const dirOf = (projectId: string): string => {
    if (!/^[0-9a-f-]{36}$/i.test(projectId)) throw new Error(`not a project id: ${projectId}`)
    return join(reposDir, `${projectId}.git`)
  }
  return {
    create: (projectId) => createRepository(dirOf(projectId)),
    remove: (projectId) => rm(dirOf(projectId), { recursive: true, force: true, maxRetries: 3 }),
    head: async (projectId) => (existsSync(dirOf(projectId)) ? mainHead(dirOf(projectId)) : null),
    resolve: async (projectId, ref) => (existsSync(dirOf(projectId)) ? resolveCommit(dirOf(projectId), ref) : null),
    commit: (projectId, input) => commitWorkTree(dirOf(projectId), input),
    restore: (projectId, input) => restoreCommit(dirOf(projectId), input),
    pick: (projectId, input) => pickCommit(dirOf(projectId), input),
    checkout: (projectId, sha, workTree) => checkoutCommit(dirOf(projectId), sha, workTree),
    async tree(projectId, sha) {
      const entries = await listTree(dirOf(projectId), sha)
      // A name that is no text cannot be asked for.
      const named = entries.filter((entry) => isFile(entry) && entry.path.isWellFormed())
      return named.map(({ path, size }) => ({ path, size }))
    },
    async read(projectId, sha, path) {
      await using blobs = new BlobReader(dirOf(projectId))
      return await blobs.read(`${sha}:${path}`)
    },
    files: (projectId, sha) => readFiles(dirOf(projectId), sha),
    diff: (projectId, base, sha) => diffTrees(dirOf(projectId), base ?? emptyTree, sha),
    status: (projectId, workTree) => workTreeStatus(dirOf(projectId), workTree),
    parent: (projectId, sha) => parentOf(dirOf(projectId), sha),
    message: (projectId, sha) => gitLine(dirOf(projectId), ["log", "-1", "--no-color", "--format=%B", sha]),
    deleteRef: (projectId, ref) => deleteRef(dirOf(projectId), ref),
    archive(projectId, sha) {
      const process = startGit(dirOf(projectId), ["archive", "--format=zip", sha])
      void process.stdin.end()
      return outputOf(process, "archive")
    },
    serveGit: (projectId, request, pathInfo) => serveGit(dirOf(projectId), request, pathInfo),
    push: (projectId, input) => pushCommit(dirOf(projectId), input, limits),
    fetch: (projectId, input) => fetchBranch(dirOf(projectId), input, limits),
    compare: (projectId, a, b) => compareCommits(dirOf(projectId), a, b),
    merge: (projectId, input) => mergeOutside(dirOf(projectId), input),
    advance: (projectId, input) => advanceMain(dirOf(projectId), input),
  }
}
