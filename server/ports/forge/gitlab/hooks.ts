import { createHash } from "node:crypto"
import { z } from "zod"
import type { GitLabClient } from "./client.ts"
import { isGitLab, reworded } from "./errors.ts"

export interface WantedHook {
  /** GitLab's number of the project. */
  remoteId: number
  /** Where it sends to; its path belongs to this project only. */
  url: string
  token: string
  /** `whsec_…`: newer GitLabs sign with it, older ones drop it. */
  signingToken: string
  /** Writes the secrets again, e.g. because they changed: nobody can read them. */
  rewrite?: boolean
}

const hookShape = z.looseObject({
  id: z.int(),
  url: z.string(),
  push_events: z.boolean().nullish(),
  pipeline_events: z.boolean().nullish(),
  job_events: z.boolean().nullish(),
  merge_requests_events: z.boolean().nullish(),
  alert_status: z.string().nullish(),
  token_present: z.boolean().nullish(),
  signing_token_present: z.boolean().nullish(),
})

type Hook = z.infer<typeof hookShape>

const events = { pushEvents: true, pipelineEvents: true, jobEvents: true, mergeRequestsEvents: true }

/** Stands for the address and the secrets of a hook, of which it tells nothing. */
export const hookMark = ({ url, token, signingToken }: Pick<WantedHook, "url" | "token" | "signingToken">): string =>
  createHash("sha256").update([url, token, signingToken].join("\n")).digest("hex")

/** Sees to it that the project has exactly one hook to us that works. */
export async function ensureHook(
  client: GitLabClient,
  wanted: WantedHook,
  signal?: AbortSignal,
): Promise<"fine" | "made" | "repaired"> {
  const ours = (await listHooks(client, wanted.remoteId, signal)).filter((hook) => isOurs(hook, wanted.url))
  const kept = ours.find((hook) => hook.url === wanted.url && isOn(hook)) ?? ours.find(isOn)
  // One that was switched off is on again only after it sent something well; a new one is on at once.
  const others = ours.filter((hook) => hook !== kept)
  const state = kept === undefined ? "made" : isWhole(kept, wanted) ? "fine" : "repaired"
  if (kept === undefined) await write(client, wanted, null, signal)
  else if (state !== "fine" || wanted.rewrite === true || (kept.token_present ?? null) === null) {
    await write(client, wanted, kept.id, signal)
  }
  for (const { id } of others) await remove(client, wanted.remoteId, id, signal)
  return others.length > 0 ? "repaired" : state
}

/** Whether GitLab lets a hook go to this address: one without events is made and removed. Answers its words when not. */
export async function refusedHook(
  client: GitLabClient,
  remoteId: number,
  url: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const none = { pushEvents: false, pipelineEvents: false, jobEvents: false }
  try {
    const { id } = await client.ask(hookShape, (api) => api.ProjectHooks.add(remoteId, url, none), signal)
    await remove(client, remoteId, id, signal)
    return null
  } catch (error) {
    if (isGitLab(error, "invalid")) return error.detail
    throw error
  }
}

export const listHooks = (client: GitLabClient, remoteId: number, signal?: AbortSignal): Promise<Hook[]> =>
  client.ask(z.array(hookShape), (api) => api.ProjectHooks.all(remoteId, { perPage: 100, maxPages: 5 }), signal)

/** The address is always sent with its secrets: GitLab forgets them when it changes alone. */
async function write(client: GitLabClient, wanted: WantedHook, id: number | null, signal?: AbortSignal): Promise<Hook> {
  const { remoteId, url, token, signingToken } = wanted
  const named = id === null ? { enableSslVerification: true, name: "Go Chat" } : {}
  const options = { ...events, ...named, token, signingToken }
  try {
    return await client.ask(
      hookShape,
      (api) =>
        id === null ? api.ProjectHooks.add(remoteId, url, options) : api.ProjectHooks.edit(remoteId, id, url, options),
      signal,
    )
  } catch (error) {
    if (!isGitLab(error, "invalid")) throw error
    throw reworded(error, hookRefused(url, error.detail))
  }
}

/** What to do about an address that GitLab sends nothing to. */
export const hookRefused = (url: string, said: string): string =>
  `GitLab refuses to send messages to ${new URL(url).origin} (“${said}”). If that address is in your own network, a ` +
  "GitLab administrator can allow it under Admin, Settings, Network, Outbound requests. Until then builds are seen a little later."

async function remove(client: GitLabClient, remoteId: number, id: number, signal?: AbortSignal): Promise<void> {
  try {
    await client.ask(z.unknown(), (api) => api.ProjectHooks.remove(remoteId, id), signal)
  } catch (error) {
    if (!isGitLab(error, "missing")) throw error
  }
}

/** Its path names the project: that stays when our own address changes. */
function isOurs(hook: Hook, url: string): boolean {
  const [there, here] = [URL.parse(hook.url), new URL(url)]
  return hook.url === url || (there !== null && here.pathname !== "/" && there.pathname === here.pathname)
}

const isOn = (hook: Hook): boolean => (hook.alert_status ?? "executable") === "executable"

const isWhole = (hook: Hook, { url }: WantedHook): boolean =>
  hook.url === url &&
  hook.push_events === true &&
  hook.pipeline_events === true &&
  hook.job_events === true &&
  hook.merge_requests_events === true &&
  hook.token_present !== false &&
  hook.signing_token_present !== false
