import type { Logger } from "pino"
import type { Repository, RemoteBranch } from "../../repository/port.ts"
import { RemoteGitError } from "../../repository/remote-git-error.ts"
import type { RemoteLink } from "../port.ts"
import type { GitLabClient } from "./client.ts"
import type { FollowTiming } from "./follow-input.ts"
import type { Links } from "./links.ts"
import type { News } from "./news.ts"
import type { PatienceTiming } from "./patience.ts"

/** What the parts of the adapter share. */
export interface Tools {
  client: GitLabClient
  /** Requests a minute, all projects together. */
  perMinute: number
  token: string
  /** Full path of the group that projects are made in. */
  group: string
  repository: Repository
  links: Links
  news: News
  log: Logger
  /** Where hooks of a project go to, and what they carry. */
  hookOf(projectId: string): { url: string; token: string; signingToken: string }
  /** Projects whose hook GitLab refused, with its words. */
  refusals: Map<number, string>
  timing: { patience: PatienceTiming; follow: Partial<FollowTiming> }
}

/**
 * A branch of the project's repository at GitLab, as git reaches it. GitLab says at which address: another host may be its
 * own, but where the operator chose encryption the token never goes without. Throws `RemoteGitError`.
 */
export function branchAt(
  { token, client }: Pick<Tools, "token" | "client">,
  { cloneUrl }: Pick<RemoteLink, "cloneUrl">,
  branch: string,
  signal: AbortSignal,
): RemoteBranch {
  if (client.url.startsWith("https:") && !cloneUrl.startsWith("https:")) {
    throw new RemoteGitError("refused", unencrypted, `the address is ${cloneUrl.slice(0, 500)}`)
  }
  return { url: cloneUrl, credentials: { username: "oauth2", password: token }, branch, signal }
}

const unencrypted =
  "GitLab names an address without encryption for its repositories. An administrator can let external_url in GitLab's settings begin with https://."
