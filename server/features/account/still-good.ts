import type { Services } from "../../context.ts"
import { readAlive } from "./store.ts"

/** Whether this session or API key still lets its person in: not ended, not revoked, the person not shut out. */
export async function isStillGood({ db }: Pick<Services, "db">, credentialId: string): Promise<boolean> {
  return (await readAlive(db, [credentialId])).has(credentialId)
}
