import type { Services } from "../../context.ts"
import { listGreen } from "./store.ts"

/** Commits of the newest versions whose checks passed, newest first. */
export async function newestGreenShas(
  { db }: Pick<Services, "db">,
  projectId: string,
  most: number,
): Promise<string[]> {
  return (await listGreen(db, projectId, most)).map(({ version }) => version.sha)
}
