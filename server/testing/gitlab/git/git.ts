import { join } from "node:path"
import type { Project, World } from "../world.ts"

/** What a stranger's settings could change is shut out. */
export const gitEnvironment: Record<string, string> = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  LC_ALL: "C.UTF-8",
  TZ: "UTC",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
}

export const repoOf = (world: World, project: Project): string => join(world.reposDir, `${project.key}.git`)

/** Runs git on a project's bare repository; null when it says no. */
export async function gitBytes(
  dir: string,
  args: string[],
  options: { input?: Uint8Array | string; env?: Record<string, string> } = {},
): Promise<Uint8Array | null> {
  const git = Bun.spawn(["git", `--git-dir=${dir}`, ...args], {
    env: { ...gitEnvironment, ...options.env },
    stdin: options.input === undefined ? "ignore" : new Blob([options.input as BlobPart]),
    stdout: "pipe",
    stderr: "ignore",
  })
  const bytes = await new Response(git.stdout).bytes()
  return (await git.exited) === 0 ? bytes : null
}

export async function gitText(
  dir: string,
  args: string[],
  options?: Parameters<typeof gitBytes>[2],
): Promise<string | null> {
  const bytes = await gitBytes(dir, args, options)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

/** As `gitText`, for what cannot fail. */
export async function gitLine(dir: string, args: string[], options?: Parameters<typeof gitBytes>[2]): Promise<string> {
  const line = await gitText(dir, args, options)
  if (line === null) throw new Error(`git ${args.join(" ")} failed in ${dir}`)
  return line.trim()
}

/** Full sha of a branch, tag or commit. */
export async function resolve(dir: string, ref: string): Promise<string | null> {
  if (ref.startsWith("-")) return null
  for (const name of [`refs/heads/${ref}`, `refs/tags/${ref}`, ref]) {
    const sha = await gitText(dir, ["rev-parse", "--verify", "--quiet", `${name}^{commit}`])
    if (sha !== null) return sha.trim()
  }
  return null
}

/** Branches with their commits. */
export async function branchesOf(dir: string): Promise<Map<string, string>> {
  const lines = await gitLine(dir, ["for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads"])
  return new Map(
    lines.split("\n").flatMap((line): [string, string][] => {
      const [name = "", sha = ""] = line.split(" ")
      return name === "" ? [] : [[name, sha]]
    }),
  )
}
