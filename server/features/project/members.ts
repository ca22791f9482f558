import type { Services } from "../../context.ts"
import { listMemberIds } from "./store.ts"

/** Who is told of a project's changes. */
export const memberIds = ({ db }: Pick<Services, "db">, projectId: string): Promise<string[]> =>
  listMemberIds(db, projectId)
