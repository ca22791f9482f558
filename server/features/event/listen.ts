import type postgres from "postgres"
import type { Hub } from "./hub.ts"
import { channel } from "./store.ts"

/**
 * Wakes the hub for events that other processes stored. The payload is only `projectId:seq`; the rows are read from
 * the table. After a lost connection everything is read again. Returns a function that ends listening.
 */
export async function listen(client: postgres.Sql, hub: Hub): Promise<() => Promise<void>> {
  const listening = await client.listen(
    channel,
    (payload) => {
      const [projectId, seq] = payload.split(":")
      if (projectId !== undefined && seq !== undefined) hub.reach(projectId, Number(seq))
    },
    () => hub.reachAll(),
  )
  return () => listening.unlisten()
}
