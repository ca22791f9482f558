import type { Sandbox, SandboxKind } from "../../../shared/sandbox.ts"
import type { Config } from "../../config.ts"

/** An app of a project: `ref` is the full commit of live and version, "" of the draft. */
export interface AppTarget {
  projectId: string
  kind: SandboxKind
  ref: string
}

/** What has to be known of a project to start something of it. */
export interface AppProject {
  id: string
  slug: string | null
  liveSha: string | null
}

export const draftOf = (projectId: string): AppTarget => ({ projectId, kind: "draft", ref: "" })

export const keyOf = ({ projectId, kind, ref }: AppTarget): string => `${projectId}/${kind}/${ref}`

/** Where people see it; null while the project has no name yet. */
export function addressOf(
  { publicUrl, previewDomain }: Pick<Config, "publicUrl" | "previewDomain">,
  slug: string | null,
  { kind, ref }: Pick<AppTarget, "kind" | "ref">,
): Sandbox["url"] {
  if (slug === null) return null
  const name = { draft: `draft--${slug}`, live: slug, version: `${ref.slice(0, 7)}--${slug}` }[kind]
  return `${new URL(publicUrl).protocol}//${name}.${previewDomain}`
}
