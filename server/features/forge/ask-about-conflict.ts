import type { Services } from "../../context.ts"
import { newId } from "../../lib/ids.ts"
import { holdProject } from "../chat/hold-project.ts"
import { sayInProject } from "../chat/say.ts"
import { inTransaction } from "../event/transaction.ts"
import { isWorking } from "../run/assert-idle.ts"
import { asksAboutConflict, conflictQuestion } from "./conflict-words.ts"
import { lastParts } from "./store.ts"

/** Puts the question which of two changes stays into the conversation, once. */
export async function askAboutConflict(
  services: Pick<Services, "db" | "hub" | "config">,
  projectId: string,
  paths: readonly string[],
): Promise<void> {
  await inTransaction(services, async (tx) => {
    await holdProject(tx, projectId)
    // It looks at the other side itself, and asks when it has to.
    if (await isWorking(tx, projectId)) return
    const last = await lastParts(tx, projectId)
    if (last !== null && asksAboutConflict(last)) return
    await sayInProject(services, tx, { id: newId(), projectId, parts: [conflictQuestion(paths)] })
  })
}
