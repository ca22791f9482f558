import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import type { RemoteLink, RemoteLinks } from "../../ports/forge/port.ts"
import { holdProject } from "../chat/hold-project.ts"
import { inTransaction } from "../event/transaction.ts"
import { projectChanged } from "../project/changed.ts"
import { deleteLeftover, findLink, findWords, insertLeftover, saveLink } from "./store.ts"

/** What the forge remembers of projects, in the database. */
export function createRemoteLinks(services: Pick<Services, "db" | "hub" | "config">): RemoteLinks {
  const { db, config } = services

  const save = (projectId: string, link: RemoteLink): Promise<void> =>
    inTransaction(services, async (tx) => {
      await holdProject(tx, projectId)
      const before = await findLink(tx, projectId)
      await saveLink(tx, projectId, link)
      if (shown(before) !== shown(link)) await projectChanged(services, tx, projectId)
    })

  return {
    find: (projectId) => findLink(db, projectId),
    save: (projectId, link) =>
      save(projectId, link).then(
        () => true,
        (error: unknown) => {
          if (error instanceof AppError && error.kind === "not_found") return false
          throw error
        },
      ),
    describe: async (projectId) => {
      const words = await findWords(db, projectId)
      if (words === null) return null
      return { ...words, slug: words.slug ?? projectId, address: `${config.publicUrl}/projects/${projectId}` }
    },
    remove: (remoteId) => insertLeftover(db, remoteId),
    removed: (remoteId) => deleteLeftover(db, remoteId),
  }
}

/** What people see of it. */
const shown = (link: RemoteLink | null): string => JSON.stringify(link && [link.webUrl, link.branch, link.mergeRequest])
