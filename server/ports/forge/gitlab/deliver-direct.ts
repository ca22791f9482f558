import type { RemoteLink } from "../port.ts"
import { branchAt, type Tools } from "./tools.ts"

export type Pushed = { type: "pushed" } | { type: "moved"; head: string | null }

/** More is not a race any more. */
const mostTries = 4

/**
 * Makes `sha` part of a branch at GitLab, forwards only. `head` is where the branch was seen last, `saw` is told where
 * it is now. `moved`: it holds what this version does not.
 */
export async function pushTo(
  tools: Tools,
  projectId: string,
  input: {
    link: RemoteLink
    branch: string
    head: string | null
    sha: string
    signal: AbortSignal
    pushing?: () => void
  },
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
    const place = head === null ? "ahead" : await repository.compare(projectId, sha, head)
    if (place === "same" || place === "behind") return { type: "pushed" }
    if (place === "diverged") return { type: "moved", head }
    input.pushing?.()
    const pushed = await repository.push(projectId, { ...at, sha, expected: head })
    if (pushed.type === "pushed") {
      await saw(sha)
      return pushed
    }
    await look()
  }
  return { type: "moved", head }
}
