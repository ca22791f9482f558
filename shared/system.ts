import { z } from "zod"

export const health = z.enum(["healthy", "unhealthy", "off"])
export type Health = z.infer<typeof health>

export const template = z.object({ name: z.string(), title: z.string(), description: z.string() })
export type Template = z.infer<typeof template>

export const systemInfo = z.object({
  version: z.string(),
  /** `first`: nobody has an account yet, the next sign-up becomes the owner. */
  signup: z.enum(["first", "open", "closed"]),
  demo: z.boolean(),
  /** What the demo can build, in words; empty when a real model answers. */
  demoScenes: z.array(z.string()),
  models: z.array(z.object({ id: z.string(), name: z.string() })),
  model: z.string(),
  forge: z.enum(["local", "gitlab"]),
  sandbox: z.object({
    mode: z.enum(["process", "docker"]),
    isolation: z.enum(["bubblewrap", "uid", "none", "container"]),
    /** Plain words when apps can reach more than their own folder. */
    warning: z.string().nullable(),
  }),
  templates: z.array(template),
  publicUrl: z.string(),
  limits: z.object({
    messageChars: z.int(),
    projects: z.int(),
    containers: z.int(),
    writtenBytes: z.int(),
    files: z.int(),
    treeBytes: z.int(),
  }),
})
export type SystemInfo = z.infer<typeof systemInfo>

/** Body of `GET /health`. */
export interface HealthReport {
  status: "healthy" | "degraded" | "unhealthy"
  database: "connected" | "disconnected"
  timestamp: string
  services: { database: Health; model: Health; forge: Health; sandbox: Health }
}
