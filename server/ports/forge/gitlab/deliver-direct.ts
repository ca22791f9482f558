import type { RemoteLink } from "../port.ts"
import { branchAt, type Tools } from "./tools.ts"

export type Pushed =
  /** `passed`: the branch held it already, and has gone on. */
  | { type: "pushed"; passed: boolean }
  | { type: "moved"; head: string | null }
  /** There is no such branch, and it was not to be made. */
  | { type: "absent" }

/** More is not a race any more. */
const mostTries = 4

export interface PushTo {
  link: RemoteLink
  branch: string
  /** Where the branch was seen last. */
  head: string | null
  sha: string
  /** Is a branch made that is not there? */
  makes: boolean
  signal: AbortSignal
  pushing?: () => void
}

/**
 * Makes `sha` part of a branch at GitLab, forwards only; `saw` is told where the branch is now. `moved`: it holds what
 * this version does not.
 */
export async function pushTo(
  tools: Tools,
  projectId: string,
  input: PushTo,
  saw: (head: string | null) => Promise<unknown>,
): Promise<Pushed> {
  const { repository } = tools
  const { sha } = input
  const at = branchAt(tools, input.link, input.branch, input.signal)
  let { head } = input
  const look = async () => {
    head = await repository.fetch(projectId, at)
    await saw(head)
  }
  for (let tries = 0; tries < mostTries; tries++) {
    if (head !== null && (await repository.resolve(projectId, head)) === null) await look()
    if (head === null && !input.makes) return { type: "absent" }
    const place = head === null ? "ahead" : await repository.compare(projectId, sha, head)
    if (place === "same" || place === "behind") return { type: "pushed", passed: place === "behind" }
    if (place === "diverged") return { type: "moved", head }
    input.pushing?.()
    const pushed = await repository.push(projectId, { ...at, sha, expected: head })
    if (pushed.type === "pushed") {
      await saw(sha)
      return { type: "pushed", passed: false }
    }
    await look()
  }
  return { type: "moved", head }
}
