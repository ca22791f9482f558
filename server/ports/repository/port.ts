import type { FileChange } from "../../../shared/version.ts"
import type { FileEntry } from "../../../shared/file.ts"

export interface CommitInfo {
  /** 40 hex digits. */
  sha: string
  files: number
  added: number
  removed: number
}

export interface CommitInput {
  /** Folder whose content becomes the tree; it holds no `.git`. */
  workTree: string
  message: string
  author: { name: string; email: string }
  /** The ref that moves, e.g. `refs/heads/main` or `refs/gochat/recovery/<runId>`. */
  ref: string
}

/** For a commit on `main` made from one that is stored already. */
export interface ReuseInput {
  sha: string
  message: string
  author: { name: string; email: string }
}

/** One branch of a repository at the forge. */
export interface RemoteBranch {
  /** http or https, without user name and password. */
  url: string
  /** For GitLab: the user name is `oauth2`, the password an access token. Only ever sent to the origin of `url`. */
  credentials: { username: string; password: string }
  branch: string
  signal: AbortSignal
}

export interface PushInput extends RemoteBranch {
  sha: string
  /** Where the branch is, as far as we know; null = it must not exist. `sha` has to build on it. */
  expected: string | null
}

/** `moved`: the branch is not at `expected` (any more) but at `head`; nothing was changed. */
export type PushResult = { type: "pushed" } | { type: "moved"; head: string | null }

export interface MergeInput {
  /** Newest commit of `main`. */
  ours: string
  theirs: string
  message: string
  author: { name: string; email: string }
  /** Whose files stay, whole, where both changed the same; unset: that is a conflict. */
  prefer?: "ours" | "theirs"
}

/**
 * One bare git repository per project. Every call works on the host with `--git-dir`/`--work-tree`,
 * argv arrays, no hooks, no filters, no fsmonitor, no submodules, no system or user configuration.
 */
export interface Repository {
  /** Makes the empty repository with branch `main`; does nothing when it is there. */
  create(projectId: string): Promise<void>
  remove(projectId: string): Promise<void>
  /** Newest commit of `main`, null before the first. */
  head(projectId: string): Promise<string | null>
  /** Full sha of a ref or abbreviated sha; null when unknown. */
  resolve(projectId: string, ref: string): Promise<string | null>
  /** Commits the work tree on top of `main`; null when nothing differs from it. Atomic: the ref moves last. */
  commit(projectId: string, input: CommitInput): Promise<CommitInfo | null>
  /** A new commit on `main` whose tree is exactly that of `sha`; null when it is so already. The work tree is not touched. */
  restore(projectId: string, input: ReuseInput): Promise<CommitInfo | null>
  /** A new commit on `main` with what `sha` changed against its parent; null when nothing is new. The work tree is not touched. */
  pick(projectId: string, input: ReuseInput): Promise<CommitInfo | "conflict" | null>
  /** Makes `workTree` hold exactly the tree of `sha` (files that are not in it are deleted; ignored paths stay). */
  checkout(projectId: string, sha: string, workTree: string): Promise<void>
  tree(projectId: string, sha: string): Promise<FileEntry[]>
  /** null when there is no such file. */
  read(projectId: string, sha: string, path: string): Promise<Uint8Array | null>
  /** The files up to a megabyte with their bytes, in the order of their paths; one git process for all. */
  files(projectId: string, sha: string): AsyncIterable<{ path: string; bytes: Uint8Array }>
  /** Changes from `base` (null = the empty tree) to `sha`. */
  diff(projectId: string, base: string | null, sha: string): Promise<FileChange[]>
  /** Changes of the work tree against `main`, untracked files included. */
  status(projectId: string, workTree: string): Promise<FileChange[]>
  parent(projectId: string, sha: string): Promise<string | null>
  /** The whole message of a commit. */
  message(projectId: string, sha: string): Promise<string>
  deleteRef(projectId: string, ref: string): Promise<void>
  /** A zip of the tree. */
  archive(projectId: string, sha: string): ReadableStream<Uint8Array>
  /** Read-only smart HTTP (`git http-backend`): clone and fetch, never push. */
  serveGit(projectId: string, request: Request, pathInfo: string): Promise<Response>
  /**
   * Makes `sha` the head of a branch at the forge. Never overwrites: only forwards, and only from `expected`.
   * Said again it does nothing. Throws `RemoteGitError`.
   */
  push(projectId: string, input: PushInput): Promise<PushResult>
  /**
   * Brings a branch of the forge here, as `refs/gochat/forge/<branch>`; null when there is no such branch (then that ref
   * is gone too). All of it or nothing; `main` is not touched. Throws `RemoteGitError`.
   */
  fetch(projectId: string, input: RemoteBranch): Promise<string | null>
  /** Where commit `a` is, seen from `b`. Two without a common beginning are `diverged`. */
  compare(projectId: string, a: string, b: string): Promise<"same" | "ahead" | "behind" | "diverged">
  /**
   * A commit on `main` that joins two; null when `ours` holds `theirs` already. In a conflict nothing changes and the
   * paths are named (none: the two have no common beginning). Throws `conflict` when `main` is not at `ours`.
   */
  merge(projectId: string, input: MergeInput): Promise<CommitInfo | { conflict: string[] } | null>
  /** Moves `main` forwards to a stored commit; `from` null = before the first. Throws `conflict` when it is elsewhere. */
  advance(projectId: string, input: { from: string | null; to: string }): Promise<void>
}
