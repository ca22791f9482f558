import { dirname } from "node:path"

/** What git said when it failed; for the log, never for a person. */
export class GitFailed extends Error {
  override readonly name = "GitFailed"

  constructor(
    readonly command: string,
    readonly exitCode: number,
    readonly stderr: string,
  ) {
    super(`git ${command} ended with ${exitCode}: ${stderr.slice(0, 500)}`)
  }
}

const git = Bun.which("git") ?? "git"

/**
 * Nothing outside the repository's own folder configures git: no system, user or environment settings, no hooks,
 * no monitors, no transports. What a tree says about itself in `.gitattributes` is overruled in `info/attributes`.
 */
const settings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "core.autocrlf=false",
  "core.symlinks=false",
  "core.quotePath=false",
  "core.protectHFS=true",
  "core.protectNTFS=true",
  "protocol.allow=never",
  "submodule.recurse=false",
  "safe.directory=*",
  "gc.auto=0",
  "transfer.hideRefs=refs/gochat",
].flatMap((setting) => ["-c", setting])

export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: `${dirname(git)}:/usr/local/bin:/usr/bin:/bin`,
  LC_ALL: "C.UTF-8",
  TZ: "UTC",
  HOME: "/nonexistent",
  XDG_CONFIG_HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
}

export interface GitOptions {
  env?: Record<string, string>
  signal?: AbortSignal
}

/** git on a bare repository, with nothing but our settings; what it shall do comes behind. */
export const gitCommand = (gitDir: string): string[] => [git, ...settings, `--git-dir=${gitDir}`, "--literal-pathspecs"]

/** Starts git on a bare repository, with its three pipes open. git never gets a work tree: it sees no file of an app. */
export function startGit(gitDir: string, args: string[], { env, signal }: GitOptions = {}) {
  return Bun.spawn([...gitCommand(gitDir), ...args], {
    cwd: "/",
    env: { ...gitEnvironment, ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    signal,
  })
}

export type GitProcess = ReturnType<typeof startGit>

/** For an index that no files are made from: names that are none on Windows came with a commit of others, and stay. */
export const anyNames = ["-c", "core.protectNTFS=false", "-c", "core.protectHFS=false"]

/** What git may say in one go: a few bytes of a tree can unfold to more than any memory holds. */
const mostOutput = 64_000_000

/** Runs git to its end; throws `GitFailed` when it fails, or says too much. */
export async function runGit(
  gitDir: string,
  args: string[],
  options: GitOptions & { input?: Uint8Array | string } = {},
): Promise<Uint8Array> {
  const process = startGit(gitDir, args, options)
  // A git that ended early closes its input; its exit code tells why.
  const fed = feed(process, options.input).catch(() => {})
  const [stdout, stderr, exitCode] = await Promise.all([
    bounded(process),
    new Response(process.stderr).text(),
    process.exited,
    fed,
  ])
  if (stdout === null) throw new GitFailed(args[0] ?? "", exitCode, "it says too much")
  if (exitCode !== 0) throw new GitFailed(args[0] ?? "", exitCode, stderr)
  return stdout
}

/** null: too much, so git was ended. */
async function bounded(process: GitProcess): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of process.stdout) {
    length += piece.length
    if (length <= mostOutput) pieces.push(piece)
    else process.kill("SIGKILL")
  }
  return length > mostOutput ? null : Buffer.concat(pieces)
}

async function feed(process: GitProcess, input: Uint8Array | string | undefined): Promise<void> {
  if (input !== undefined) await process.stdin.write(input)
  await process.stdin.end()
}

/** As `runGit`, for output that is one short line. */
export async function gitLine(
  gitDir: string,
  args: string[],
  options: GitOptions & { input?: Uint8Array | string } = {},
): Promise<string> {
  return new TextDecoder().decode(await runGit(gitDir, args, options)).trim()
}

/** As `gitLine`; null when git says no. */
export async function gitLineOrNull(gitDir: string, args: string[]): Promise<string | null> {
  try {
    return await gitLine(gitDir, args)
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return null
    throw error
  }
}
