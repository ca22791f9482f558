import { labels, projectLabels } from "../labels.ts"

/** A container that a build makes inherits it; each of ours names its own kind instead. */
export const imageKind = "image"

/** What an image that was built here says about itself. */
export const imageLabels = (serverId: string, projectId: string): Record<string, string> => ({
  ...projectLabels(serverId, projectId),
  [labels.kind]: imageKind,
})

/** Name of a project's images; its tags tell them apart. */
export const repositoryOf = (engine: { kind: "docker" | "podman"; serverId: string }, projectId: string): string =>
  `${engine.kind === "podman" ? "localhost/" : ""}gochat-${engine.serverId}-${projectId}`
