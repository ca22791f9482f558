import { type Services, systemCtx } from "../../context.ts"
import { catchUp, knownPipelines, reopenWithoutPipeline } from "../build/reopen.ts"
import { isWorking } from "../run/assert-idle.ts"
import { bringIn } from "./bring-in.ts"
import { type Delivery, markHandled } from "./delivery-store.ts"
import type { Outcome } from "./desks.ts"
import { findLink } from "./store.ts"

const keysOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ key }) => key)

/**
 * Tells of pipelines to those who follow them, for which nothing is asked. Answers the deliveries about pipelines that
 * nobody follows; of the rest nothing is left to be done.
 */
export async function wakeFollowers(services: Services, deliveries: readonly Delivery[]): Promise<Delivery[]> {
  const places = deliveries.flatMap(({ projectId, pipeline }) => (pipeline === null ? [] : [{ projectId, pipeline }]))
  const known = await knownPipelines(services, places)
  const [still, told] = [[] as Delivery[], [] as Delivery[]]
  const hints = new Map<string, () => Promise<void> | void>()
  for (const delivery of deliveries) {
    const { projectId, pipeline, branch } = delivery
    if (pipeline === null) {
      told.push(delivery)
      continue
    }
    const state = known({ projectId, pipeline })
    if (state === "still") {
      still.push(delivery)
      continue
    }
    told.push(delivery)
    hints.set(`${projectId} ${pipeline}`, async () => {
      services.forge.remote?.hint(projectId, state === "unknown" ? null : pipeline)
      if (state === "unknown" && branch !== null) await reopenWithoutPipeline(services, projectId, branch)
    })
  }
  for (const hint of hints.values()) await hint()
  await markHandled(services.db, keysOf(told))
  return still
}

/** Asks how the pipelines are that these deliveries are about, each once. */
export async function askAboutPipelines(
  services: Services,
  deliveries: readonly Delivery[],
  signal: AbortSignal,
): Promise<Outcome> {
  for (const [pipeline, about] of Map.groupBy(deliveries, (delivery) => delivery.pipeline)) {
    const [first] = about
    if (first !== undefined && pipeline !== null) {
      await catchUp(services, { projectId: first.projectId, pipeline }, signal)
    }
    await markHandled(services.db, keysOf(about))
  }
  return "asked"
}

/** Pushes and merge requests of one project: its main branch may hold what is not here. */
export async function lookAtBranches(
  services: Services,
  projectId: string,
  deliveries: readonly Delivery[],
  signal: AbortSignal,
): Promise<Outcome> {
  const link = await findLink(services.db, projectId)
  const main = deliveries.filter(({ branch }) => link !== null && branch === link.branch)
  const others = deliveries.filter((delivery) => !main.includes(delivery))
  if (link !== null && others.some(isOfMerge)) await services.forge.remote?.mergeRequest(projectId, signal)
  await markHandled(services.db, keysOf(others))
  if (main.length === 0) return "done"
  const outcome = await lookAtMain(services, projectId, { asks: main.some(isOfMerge) }, signal)
  if (outcome !== "busy") await markHandled(services.db, keysOf(main))
  return outcome
}

const isOfMerge = ({ event }: Delivery): boolean => event === "merge_request"

/**
 * Brings in what others did on the main branch; `busy` while the AI works. An open merge request may have been merged,
 * `asks`: it is said that one was changed.
 */
export async function lookAtMain(
  services: Services,
  projectId: string,
  { asks }: { asks: boolean },
  signal: AbortSignal,
): Promise<Outcome> {
  const link = await findLink(services.db, projectId)
  if (link === null) return "done"
  if (await isWorking(services.db, projectId)) return "busy"
  if (asks || link.mergeRequest?.state === "opened") await services.forge.remote?.mergeRequest(projectId, signal)
  const brought = await bringIn(systemCtx(services), projectId)
  return brought.type === "busy" ? "busy" : "done"
}
