import type { Config } from "../../config.ts"

/** What a host under the preview domain names. `sha` is the beginning of a commit. */
export type PreviewAddress =
  | { kind: "draft"; slug: string }
  | { kind: "live"; slug: string }
  | { kind: "version"; slug: string; sha: string }

const label = /^(?:(?<prefix>draft|[0-9a-f]{7,40})--)?(?<slug>[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)$/

/** Whether this host (with its port) belongs to previews at all. */
export function isPreviewHost({ previewDomain }: Pick<Config, "previewDomain">, host: string): boolean {
  const lower = host.toLowerCase()
  return lower === previewDomain || lower.endsWith(`.${previewDomain}`)
}

/** Reads `draft--<slug>`, `<slug>` and `<sha7>--<slug>` before the preview domain; null when it is none of them. */
export function parseAddress({ previewDomain }: Pick<Config, "previewDomain">, host: string): PreviewAddress | null {
  const lower = host.toLowerCase()
  if (!lower.endsWith(`.${previewDomain}`)) return null
  const name = label.exec(lower.slice(0, -previewDomain.length - 1))?.groups
  const slug = name?.["slug"]
  if (slug === undefined || slug.includes("--")) return null
  const prefix = name?.["prefix"]
  if (prefix === undefined) return { kind: "live", slug }
  return prefix === "draft" ? { kind: "draft", slug } : { kind: "version", slug, sha: prefix }
}
