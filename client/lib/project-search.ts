export const tabs = ["chat", "preview", "code", "checks", "versions"] as const
export type Tab = (typeof tabs)[number]

/** What of a project is shown, in the address, so that every place in it can be linked to. */
export interface ProjectSearch {
  tab?: Tab
  /** The version that is looked at or whose changes are shown. */
  sha?: string
  /** The checks that are shown. */
  build?: string
  /** The file that is open. */
  file?: string
  /** The run whose message the conversation shows. */
  run?: string
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

export function readProjectSearch(search: Record<string, unknown>): ProjectSearch {
  const sha = text(search["sha"])
  return {
    tab: tabs.find((tab) => tab === search["tab"]),
    sha: sha !== undefined && /^[0-9a-f]{7,40}$/.test(sha) ? sha : undefined,
    build: text(search["build"]),
    file: text(search["file"]),
    run: text(search["run"]),
  }
}
