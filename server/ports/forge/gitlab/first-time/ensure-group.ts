import { type AdminApi, mustField, SetupFailed } from "./admin-api.ts"

export interface Made<T> {
  value: T
  /** Words of what was changed; null when all was there. */
  change: string | null
}

/** The group that projects are made in, with those above it. */
export async function ensureGroup(api: AdminApi, fullPath: string): Promise<Made<number>> {
  let parent: number | null = null
  let change: string | null = null
  const parts = fullPath.split("/")
  for (const [i, path] of parts.entries()) {
    const here = parts.slice(0, i + 1).join("/")
    const found = await api.ask("GET", `groups/${encodeURIComponent(here)}?with_projects=false`)
    if (found === null || (found.status !== 200 && found.status !== 404)) {
      throw new SetupFailed(`Could not look for the group “${here}”: GitLab answered ${found?.status ?? "nothing"}.`)
    }
    if (found.status === 200) {
      parent = mustField(found.body, "id", "number")
      continue
    }
    // Private: people look at their projects here, and at GitLab only who was let in.
    const body: object = { name: path, path, visibility: "private", ...(parent === null ? {} : { parent_id: parent }) }
    parent = mustField(await api.must(`make the group “${here}”`, "POST", "groups", body), "id", "number")
    change = `Made the group “${fullPath}”.`
  }
  if (parent === null) throw new SetupFailed("The group has no name. Set GITLAB_GROUP.")
  return { value: parent, change }
}
