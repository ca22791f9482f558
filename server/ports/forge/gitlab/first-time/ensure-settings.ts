import { type AdminApi, field, SetupFailed } from "./admin-api.ts"

export interface WantedSettings {
  /** Where hooks go to; null leaves what GitLab allows as it is. */
  publicUrl: string | null
  /** Nobody makes an account at GitLab by himself any more. */
  closeSignup: boolean
}

/**
 * What holds for the whole GitLab: no pipelines of its own for projects without a file, and hooks that may go to Go
 * Chat's address and to no other of the own network. Answers words for each change.
 */
export async function ensureSettings(api: AdminApi, { publicUrl, closeSignup }: WantedSettings): Promise<string[]> {
  const now = await api.must("read GitLab's settings", "GET", "application/settings")
  const wanted: Record<string, unknown> = {}
  const changes: string[] = []

  if (field(now, "auto_devops_enabled", "boolean") !== false) {
    wanted["auto_devops_enabled"] = false
    changes.push("Switched Auto DevOps off.")
  }
  if (closeSignup && field(now, "signup_enabled", "boolean") !== false) {
    wanted["signup_enabled"] = false
    changes.push("Closed sign-up at GitLab.")
  }
  const host = publicUrl === null ? null : new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")
  const allowed = hostsOf(now)
  if (host !== null && !allowed.includes(host) && !allowsAll(now)) {
    wanted["outbound_local_requests_allowlist_raw"] = [...allowed, host].join("\n")
    changes.push(`Allowed messages to ${host}.`)
  }
  if (changes.length === 0) return changes

  const then = await api.must("change GitLab's settings", "PUT", "application/settings", wanted)
  if (host === null || allowsAll(then) || hostsOf(then).includes(host)) return changes
  throw new SetupFailed(
    `GitLab did not take ${host} for its messages. Add it by hand: Admin, Settings, Network, Outbound requests.`,
  )
}

const allowsAll = (settings: unknown): boolean =>
  field(settings, "allow_local_requests_from_web_hooks_and_services", "boolean") === true

const hostsOf = (settings: unknown): string[] =>
  (field(settings, "outbound_local_requests_allowlist_raw", "string") ?? "").split(/[\s,;]+/).filter(Boolean)
