import type { Services } from "../../context.ts"
import { routeOf } from "./store.ts"

/** Is this commit on the forge's main branch, as it was last seen? What is made here is a version before it gets there. */
export async function isOnMain(
  { db, forge, repository }: Pick<Services, "db" | "forge" | "repository">,
  projectId: string,
  sha: string,
): Promise<boolean> {
  if (forge.remote === null) return false
  const head = (await routeOf(db, projectId))?.head ?? null
  if (head === null || (await repository.resolve(projectId, head)) === null) return false
  return ["same", "behind"].includes(await repository.compare(projectId, sha, head))
}
