import type { Services } from "../../context.ts"
import { listImages } from "./image-store.ts"

/** Images that the checks of these commits pushed, by commit; only those of checks that passed. */
export async function pushedImages(
  { db }: Pick<Services, "db">,
  projectId: string,
  shas: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await listImages(db, projectId, shas)
  return new Map(rows.flatMap(({ sha, image }) => (image === null ? [] : [[sha, image] as const])))
}
