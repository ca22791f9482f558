import { type Services, systemCtx } from "../../context.ts"
import { catchUp, knownPipelines, type PipelinePlace, reopenWithoutPipeline } from "../build/reopen.ts"
import { isWorking } from "../run/assert-idle.ts"
import { bringIn } from "./bring-in.ts"
import { type Delivery, markHandled } from "./delivery-store.ts"
import type { Outcome } from "./desks.ts"
import { findLink } from "./store.ts"

const keysOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ key }) => key)

/**
 * Tells of pipelines to those who follow them, for which nothing is asked. Answers the deliveries about pipelines that
 * nobody follows, and which followed ones were told of; of the rest nothing is left to be done.
 */
export async function wakeFollowers(
  services: Services,
  deliveries: readonly Delivery[],
): Promise<{ still: Delivery[]; followed: PipelinePlace[] }> {
  const placeOf = ({ projectId, pipeline }: Delivery) => (pipeline === null ? [] : [{ projectId, pipeline }])
  const known = await knownPipelines(services, deliveries.flatMap(placeOf)) // prettier-ignore
  const isStill = (delivery: Delivery) => placeOf(delivery).some((place) => known(place) === "still")
  const followed: PipelinePlace[] = []
  const others = deliveries.filter((delivery) => !isStill(delivery))
  for (const [delivery] of Map.groupBy(others, ({ projectId, pipeline }) => `${projectId} ${pipeline}`).values()) {
    const [place] = delivery === undefined ? [] : placeOf(delivery)
    if (delivery === undefined || place === undefined) continue
    const isOurs = known(place) === "followed"
    services.forge.remote?.hint(place.projectId, isOurs ? place.pipeline : null)
    if (isOurs) followed.push(place)
    else if (delivery.branch !== null) await reopenWithoutPipeline(services, place.projectId, delivery.branch)
  }
  await markHandled(services.db, keysOf(others))
  return { still: deliveries.filter(isStill), followed }
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
