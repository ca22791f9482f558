import type { AccountEvent } from "../../../shared/account.ts"
import type { Services } from "../../context.ts"
import { parseEvent, type StoredEvent } from "../event/stored-event.ts"
import { memberIds } from "../project/members.ts"

type Parts = Pick<Services, "db" | "hub" | "log">

/** Hubs that have somebody who watches an account, and how many. */
const bridges = new WeakMap<Services["hub"], { watchers: number; end: () => void }>()

/**
 * What happens to this person's projects. While anybody watches, each stored `project.changed` is handed to the
 * project's members; with nobody there it costs nothing.
 */
export function onAccountNews(parts: Parts, userId: string, listener: (event: AccountEvent) => void): () => void {
  const { hub } = parts
  const bridge = bridges.get(hub) ?? { watchers: 0, end: connect(parts) }
  bridge.watchers++
  bridges.set(hub, bridge)
  const stop = hub.onAccount(userId, listener)
  return () => {
    stop()
    bridge.watchers--
    if (bridge.watchers > 0) return
    bridges.delete(hub)
    bridge.end()
  }
}

function connect({ db, hub, log }: Parts): () => void {
  // One after another: two changes of a project must not overtake each other while the members are read.
  let last: Promise<void> = Promise.resolve()
  const tell = async (stored: StoredEvent) => {
    const event = parseEvent(stored)
    if (event.type !== "project.changed") return
    for (const userId of await memberIds({ db }, stored.projectId)) {
      hub.publishAccount(userId, { type: "project.changed", project: event.project })
    }
  }
  return hub.onProjectChanged((stored) => {
    last = last
      .then(() => tell(stored))
      .catch((error: unknown) => log.warn({ err: error }, "a change of a project could not be told"))
  })
}
