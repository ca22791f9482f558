import { type AdminApi, field, mustField, rowsOf } from "./admin-api.ts"
import type { Made } from "./ensure-group.ts"

const description = "go-chat"

export interface WantedRunner {
  groupId: number
  /** The one that is set up already. */
  known: string | null
  another: boolean
}

/** The token of a runner for the group's projects; null when there is one whose token is not here. */
export async function ensureRunner(
  api: AdminApi,
  { groupId, known, another }: WantedRunner,
): Promise<Made<string | null>> {
  if (known !== null && (await api.ask("POST", "runners/verify", { token: known }))?.status === 200) {
    return { value: known, change: null }
  }
  if (known === null && !another) {
    const path = `groups/${groupId}/runners?type=group_type&per_page=100`
    const there = rowsOf(await api.must("list the group's runners", "GET", path))
    if (there.some((runner) => field(runner, "description", "string") === description)) {
      return { value: null, change: null }
    }
  }
  const body = { runner_type: "group_type", group_id: groupId, description, run_untagged: true }
  const made = await api.must("make a runner", "POST", "user/runners", body)
  return { value: mustField(made, "token", "string"), change: "Made a runner for the group's projects." }
}
