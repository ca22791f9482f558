import type { Services } from "../../context.ts"
import { findBySlug, findProjectOf, type ProjectRow } from "./store.ts"

/** The project that an address names, for doors that check access by themselves; null when there is none. */
export async function projectBySlug({ db }: Pick<Services, "db">, slug: string): Promise<ProjectRow | null> {
  return findBySlug(db, slug)
}

/** Whether this person may see more of the project than what is live. */
export async function isMember({ db }: Pick<Services, "db">, projectId: string, userId: string): Promise<boolean> {
  return (await findProjectOf(db, projectId, userId)) !== null
}
