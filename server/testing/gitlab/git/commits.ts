import { zeroSha } from "../world.ts"
import { gitText } from "./git.ts"

export interface Commit {
  id: string
  short_id: string
  title: string
  message: string
  parent_ids: string[]
  author_name: string
  author_email: string
  authored_date: string
  committer_name: string
  committer_email: string
  committed_date: string
  created_at: string
}

export interface PushedCommit extends Commit {
  added: string[]
  modified: string[]
  removed: string[]
}

const format = "--format=%x01%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x02"

/** Commits as `git log` lists them with these arguments, newest first. */
export async function listCommits(dir: string, args: string[]): Promise<Commit[]> {
  const output = (await gitText(dir, ["log", format, ...args])) ?? ""
  return output
    .split("\u0001")
    .slice(1)
    .map((part) => parse(part.slice(0, part.indexOf("\u0002"))))
}

export async function readCommit(dir: string, sha: string): Promise<Commit | null> {
  return (await listCommits(dir, ["-1", sha]))[0] ?? null
}

/** Oldest first, with the files of each. */
export async function commitsBetween(dir: string, before: string, after: string): Promise<PushedCommit[]> {
  if (after === zeroSha) return []
  const range = before === zeroSha ? ["-20", after] : ["-200", `${before}..${after}`]
  const output = (await gitText(dir, ["log", "--name-status", "--no-renames", format, ...range])) ?? ""
  return output
    .split("\u0001")
    .slice(1)
    .toReversed()
    .map((part) => {
      const [head = "", files = ""] = part.split("\u0002")
      const of = (letter: string) =>
        files.split("\n").flatMap((line) => (line.startsWith(`${letter}\t`) ? [line.slice(2)] : []))
      return { ...parse(head), added: of("A"), modified: of("M"), removed: of("D") }
    })
}

function parse(line: string): Commit {
  const [id = "", parents = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = "", message = ""] = line.split("\0")
  return {
    id,
    short_id: id.slice(0, 8),
    title: message.split("\n")[0] ?? "",
    message: message.replace(/\n$/, ""),
    parent_ids: parents === "" ? [] : parents.split(" "),
    author_name: an,
    author_email: ae,
    authored_date: new Date(ad).toISOString(),
    committer_name: cn,
    committer_email: ce,
    committed_date: new Date(cd).toISOString(),
    created_at: new Date(cd).toISOString(),
  }
}
