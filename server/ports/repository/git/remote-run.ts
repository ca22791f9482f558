import { RemoteGitError } from "../remote-git-error.ts"
import type { RemoteBranch } from "../port.ts"
import { remoteError, remoteFault } from "./remote-fault.ts"
import { gitCommand, gitEnvironment } from "./run-git.ts"

export interface RemoteLimits {
  /** To ask where a branch is. */
  askMs: number
  pushMs: number
  fetchMs: number
  /** Without a single byte. */
  idleSeconds: number
  /** Of what one fetch brings, as it travels. */
  fetchBytes: number
  /** Address space of each git process. */
  memoryBytes: number
  /** What git may know of the server's environment, from `networkEnvironment`. */
  network: Record<string, string>
}

export const remoteLimits: RemoteLimits = {
  askMs: 30_000,
  pushMs: 600_000,
  fetchMs: 300_000,
  idleSeconds: 30,
  fetchBytes: 500_000_000,
  memoryBytes: 2_000_000_000,
  network: {},
}

/** What git says is kept up to here, of each stream. */
const longestOutput = 200_000

/**
 * The user name and password come in on the standard input, which becomes descriptor 3; there the helper below finds
 * them. So they are in no argument, environment, file or configuration. The limits hold for git and all it starts; where one
 * cannot be set, a stricter one holds already.
 */
const script = `exec 3<&0 </dev/null
trap '' XFSZ
ulimit -f "$1" 2>/dev/null
ulimit -t "$2" 2>/dev/null
ulimit -v "$3" 2>/dev/null
shift 3
exec "$@"`
const helper = `!f() { test "$1" = get && cat <&3; }; f`

export interface RemoteRun {
  args: string[]
  ms: number
  limits: RemoteLimits
  env?: Record<string, string>
}

export interface RemoteOutput {
  exitCode: number
  stdout: string
  /** What it means, when git failed. */
  fault: () => RemoteGitError
}

/** Runs git against the forge in a process group of its own, so that all of it ends at the time limit or the signal. */
export async function runRemote(gitDir: string, remote: RemoteBranch, run: RemoteRun): Promise<RemoteOutput> {
  const { limits, ms } = run
  remote.signal.throwIfAborted()
  const secrets = [remote.credentials.password, basic(remote)]
  const child = Bun.spawn(
    [
      "/bin/sh",
      "-c",
      script,
      "sh",
      `${Math.ceil(limits.fetchBytes / 512)}`,
      `${Math.ceil(ms / 1000)}`,
      `${Math.ceil(limits.memoryBytes / 1024)}`,
      ...gitCommand(gitDir),
      ...settingsFor(remote, limits),
      ...run.args,
    ],
    {
      cwd: "/",
      env: { ...gitEnvironment, ...limits.network, ...run.env },
      stdin: credentialLines(remote),
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
    },
  )
  const tooLong = AbortSignal.timeout(ms)
  const end = AbortSignal.any([remote.signal, tooLong])
  const stop = (): void => endGroup(child.pid)
  end.addEventListener("abort", stop)
  if (end.aborted) stop()
  try {
    const [stdout, stderr, exitCode] = await Promise.all([capped(child.stdout), capped(child.stderr), child.exited])
    if (exitCode !== 0) remote.signal.throwIfAborted()
    if (exitCode !== 0 && tooLong.aborted) throw remoteError("timeout", `no end after ${ms} ms\n${stderr}`, secrets)
    return { exitCode, stdout, fault: () => remoteFault(`${stderr}\n${stdout}`, secrets) }
  } finally {
    end.removeEventListener("abort", stop)
  }
}

/**
 * Credentials go to this origin alone: not to a proxy that asks for some, nor to where a redirect leads (none is followed).
 * No other protocol than that of the address.
 */
function settingsFor({ url }: RemoteBranch, limits: RemoteLimits): string[] {
  const { origin, protocol } = remoteUrl(url)
  return [
    `protocol.${protocol.slice(0, -1)}.allow=always`,
    "credential.helper=",
    `credential.${origin}.helper=${helper}`,
    "http.followRedirects=false",
    "http.lowSpeedLimit=1",
    `http.lowSpeedTime=${limits.idleSeconds}`,
    "fetch.fsckObjects=true",
    // Always one pack file: its size has a limit, and it is moved in whole.
    "fetch.unpackLimit=1",
    "pack.threads=1",
    "pack.windowMemory=64m",
    "core.bigFileThreshold=16m",
    "core.packedGitWindowSize=32m",
    "core.packedGitLimit=256m",
  ].flatMap((setting) => ["-c", setting])
}

/** Throws for an address that git must not see. */
function remoteUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== "" || parsed.password !== "")
    throw remoteError("refused", "the address of a repository is http or https, without user name and password")
  return parsed
}

/** As a credential helper answers (gitcredentials(7)). */
function credentialLines({ credentials: { username, password } }: RemoteBranch): Uint8Array {
  if (/[\n\r\0]/.test(username + password)) throw remoteError("unauthorized", "user name or password has a line end")
  return new TextEncoder().encode(`username=${username}\npassword=${password}\n`)
}

const basic = ({ credentials: { username, password } }: RemoteBranch): string =>
  Buffer.from(`${username}:${password}`).toString("base64")

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}

/** The first of a stream; all of it is read, so that git is never held up by what it says. */
async function capped(stream: ReadableStream<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of stream) {
    if (length < longestOutput) pieces.push(piece)
    length += piece.length
  }
  return new TextDecoder().decode(Buffer.concat(pieces))
}
