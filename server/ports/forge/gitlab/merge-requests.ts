import { z } from "zod"
import type { MergeRequest, MergeRequestWords } from "../port.ts"
import type { GitLabClient } from "./client.ts"
import { GitLabError, isGitLab } from "./errors.ts"

const shape = z.looseObject({
  iid: z.int(),
  source_branch: z.string(),
  source_project_id: z.int().nullish(),
  web_url: z.string(),
  state: z.string(),
})

const longestTitle = 255
const longestDescription = 20_000

/** How it is now; null when it is gone. */
export async function showMergeRequest(
  client: GitLabClient,
  remoteId: number,
  number: number,
  signal?: AbortSignal,
): Promise<MergeRequest | null> {
  try {
    return requestOf(await client.ask(shape, (api) => api.MergeRequests.show(remoteId, number), signal))
  } catch (error) {
    if (isGitLab(error, "missing")) return null
    throw error
  }
}

export interface WantedRequest extends MergeRequestWords {
  remoteId: number
  branch: string
  target: string
}

/** The newest merge request of the branch, whatever became of it; else a new one. Said again it does nothing. */
export async function ensureMergeRequest(
  client: GitLabClient,
  wanted: WantedRequest,
  signal?: AbortSignal,
): Promise<MergeRequest> {
  const known = await findMergeRequest(client, wanted, signal)
  if (known !== null) return known
  const { remoteId, branch, target } = wanted
  try {
    const title = wanted.title.trim().slice(0, longestTitle) || branch
    const options = { description: withoutCommands(wanted.description), squash: false, removeSourceBranch: true }
    return requestOf(await client.ask(shape, (api) => api.MergeRequests.create(remoteId, branch, target, title, options), signal)) // prettier-ignore
  } catch (error) {
    const looked = error instanceof GitLabError && (error.about.maybeDone || error.kind === "conflict")
    const made = looked ? await findMergeRequest(client, wanted, signal) : null
    if (made === null) throw error
    return made
  }
}

async function findMergeRequest(
  client: GitLabClient,
  { remoteId, branch, target }: WantedRequest,
  signal?: AbortSignal,
): Promise<MergeRequest | null> {
  const options = { projectId: remoteId, sourceBranch: branch, targetBranch: target, perPage: 20, maxPages: 1 }
  const listed = await client.ask(z.array(shape), (api) => api.MergeRequests.all(options), signal)
  // A fork may have a branch of the same name.
  const ours = listed.filter((one) => one.source_branch === branch && (one.source_project_id ?? remoteId) === remoteId)
  const [newest] = ours.sort((a, b) => b.iid - a.iid)
  return newest === undefined ? null : requestOf(newest)
}

/** GitLab does what a line says that begins with a slash, e.g. `/merge`; what a person wrote shall only be read. */
const withoutCommands = (text: string): string =>
  text.slice(0, longestDescription).replaceAll(/^([^\S\n]*)\//gm, "$1\\/")

const requestOf = (shown: z.infer<typeof shape>): MergeRequest => ({
  number: shown.iid,
  branch: shown.source_branch,
  webUrl: shown.web_url,
  // `locked`: it is being merged.
  state: shown.state === "merged" || shown.state === "closed" ? shown.state : "opened",
})
