import { z } from "zod"
import { id, sha, time } from "./ids.ts"
import { sandboxKind, sandboxState } from "./sandbox.ts"

/** Whose app is awake and since when; nothing of what it holds. */
const adminRunningApp = z.object({
  projectId: id,
  title: z.string(),
  slug: z.string().nullable(),
  owner: z.string(),
  kind: sandboxKind,
  sha: sha.nullable(),
  state: sandboxState,
  since: time,
  usedAt: time,
})

/** What runs apps on this server, and all that run. */
export const adminSandboxes = z.object({
  mode: z.enum(["process", "docker"]),
  isolation: z.enum(["bubblewrap", "uid", "none", "container"]),
  /** What apps may reach; only containers can be held to it. */
  egress: z.enum(["open", "registry", "none"]).nullable(),
  /** Plain words when apps can reach more than they should. */
  warning: z.string().nullable(),
  running: z.array(adminRunningApp),
})
export type AdminSandboxes = z.infer<typeof adminSandboxes>

/** The GitLab of this server and what the last look at it found. Every sentence says what to do. */
export const adminForge = z.object({
  url: z.string(),
  /** Where projects are made. */
  group: z.string(),
  /** null before the first look, and when GitLab did not tell. */
  version: z.string().nullable(),
  /** Nothing works before these are solved. */
  problems: z.array(z.string()),
  warnings: z.array(z.string()),
  checkedAt: time.nullable(),
})
export type AdminForge = z.infer<typeof adminForge>
