import { and, asc, eq, inArray, isNotNull } from "drizzle-orm"
import { builds } from "../../../drizzle/schema/build.ts"
import type { Queryable } from "../../lib/database.ts"

/** Commits with the images that their green builds pushed, of each commit the newest build last. */
export async function listImages(
  q: Queryable,
  projectId: string,
  shas: readonly string[],
): Promise<{ sha: string; image: string | null }[]> {
  if (shas.length === 0) return []
  return q
    .select({ sha: builds.sha, image: builds.image })
    .from(builds)
    .where(
      and(
        eq(builds.projectId, projectId),
        inArray(builds.sha, [...shas]),
        eq(builds.status, "success"),
        isNotNull(builds.image),
      ),
    )
    .orderBy(asc(builds.position))
}
