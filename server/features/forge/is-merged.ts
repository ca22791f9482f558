import type { Services } from "../../context.ts"
import { routeOf } from "./store.ts"

/**
 * May this version go live? Always, but where versions wait for a merge request: there only what is on the forge's main
 * branch, as it was last seen.
 */
export async function isMerged(
  { db, forge, repository }: Pick<Services, "db" | "forge" | "repository">,
  projectId: string,
  sha: string,
): Promise<boolean> {
  if (forge.remote === null) return true
  const route = await routeOf(db, projectId)
  if (route === null || route.versionRoute === "direct") return true
  if (route.head === null || (await repository.resolve(projectId, route.head)) === null) return false
  return ["same", "behind"].includes(await repository.compare(projectId, sha, route.head))
}
