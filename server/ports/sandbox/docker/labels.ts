import { createHash } from "node:crypto"
import type { SandboxTarget } from "../port.ts"

/** What everything that is made in an engine says about itself. */
export const labels = {
  /** Which Go Chat made it: several may share one engine. */
  server: "gochat.server",
  project: "gochat.project",
  /** draft, live, version or build; `proxy` is the server's own. */
  kind: "gochat.kind",
  /** Commit of live and version, build id of build. */
  ref: "gochat.ref",
  /** Of an image that a pipeline pushed: the name that it was fetched by. */
  pushed: "gochat.pushed",
} as const

/** Names this server among those that share an engine: the same for the same data folder. */
export const serverIdOf = (dataDir: string): string => short(dataDir)

/** Labels of something that belongs to one target. */
export const targetLabels = (serverId: string, { projectId, kind, ref }: SandboxTarget): Record<string, string> => ({
  ...projectLabels(serverId, projectId),
  [labels.kind]: kind,
  [labels.ref]: ref,
})

/** Labels of something that all of a project share. */
export const projectLabels = (serverId: string, projectId: string): Record<string, string> => ({
  [labels.server]: serverId,
  [labels.project]: projectId,
})

/** Engine filter for what this server made. One label only: some engines find nothing by two. */
export const labelFilter = (serverId: string): { label: string[] } => ({ label: [`${labels.server}=${serverId}`] })

/** Hexadecimal digits for a text: names in an engine are short and hold no metacharacters. */
export const short = (text: string, digits = 8): string =>
  createHash("sha256").update(text).digest("hex").slice(0, digits)
