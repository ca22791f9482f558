import type { Services } from "../../context.ts"
import { isOnMain } from "./is-on-main.ts"
import { routeOf } from "./store.ts"

/**
 * May this version go live? Always, but where versions wait for a merge request: there only what is on the forge's main
 * branch, as it was last seen.
 */
export async function isMerged(
  services: Pick<Services, "db" | "forge" | "repository">,
  projectId: string,
  sha: string,
): Promise<boolean> {
  if (services.forge.remote === null) return true
  const route = await routeOf(services.db, projectId)
  return route === null || route.versionRoute === "direct" || isOnMain(services, projectId, sha)
}
