import { type BuildStatus, finishedStatuses } from "../../../shared/build.ts"
import type { Services } from "../../context.ts"
import { holdProject } from "../chat/hold-project.ts"
import { appendEvents } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { projectChanged } from "../project/changed.ts"
import { type BuildRow, buildsOf, buildsOfPipelines, lockBuild, stillBuilds, updateBuild } from "./store.ts"
import { buildView } from "./view.ts"

type Parts = Pick<Services, "db" | "hub" | "config" | "builds" | "forge">

export interface PipelinePlace {
  projectId: string
  /** The forge's number of it. */
  pipeline: number
}

/** `followed`: its build is under way; `still`: nobody follows it (any more); `unknown`: no build of ours has it. */
export type Known = "followed" | "still" | "unknown"

/** What is known of these pipelines here. */
export async function knownPipelines(
  { db }: Pick<Parts, "db">,
  places: readonly PipelinePlace[],
): Promise<(place: PipelinePlace) => Known> {
  const rows = new Map((await buildsOfPipelines(db, places)).map((row) => [`${row.projectId} ${row.pipeline}`, row]))
  return ({ projectId, pipeline }) => {
    const row = rows.get(`${projectId} ${pipeline}`)
    return row === undefined ? "unknown" : isStill(row) ? "still" : "followed"
  }
}

/** Pipelines that nobody follows and that somebody may have moved at the forge, of projects after this one. */
export async function stillPipelines(
  { db }: Pick<Parts, "db">,
  from: { after: string | null; since: Date; limit: number },
): Promise<PipelinePlace[]> {
  return (await stillBuilds(db, from)).flatMap(({ projectId, pipeline }) =>
    pipeline === null ? [] : [{ projectId, pipeline }],
  )
}

/**
 * Asks the forge how a pipeline is that nobody follows. When it moves again, or ended in another way than is known here,
 * its build is open again and followed to its true end: somebody retried it there, or started a job that waited.
 */
export async function catchUp(
  services: Parts,
  place: PipelinePlace,
  signal: AbortSignal,
): Promise<"same" | "reopened"> {
  const [row] = await buildsOfPipelines(services.db, [place])
  if (row === undefined || !isStill(row)) return "same"
  const status = await services.forge.remote?.pipelineStatus(place.projectId, place.pipeline, signal)
  if (status === null || status === undefined || status === row.status) return "same"
  // It is on its way to what is known.
  if (status === "canceling" && row.status === "canceled") return "same"
  return reopen(services, row, status)
}

/**
 * A pipeline appeared on this branch that no build has. Checks that were given up because none came are open again: it may
 * be theirs.
 */
export async function reopenWithoutPipeline(services: Parts, projectId: string, branch: string): Promise<void> {
  const [newest] = await buildsOf(services.db, projectId, 1)
  if (newest?.status !== "failed" || newest.pipeline !== null || newest.branch !== branch) return
  await reopen(services, newest, "pending")
}

const isStill = ({ status, finishedAt }: BuildRow): boolean => finishedAt !== null || status === "manual"

/** A state of which the engine knows that it has to look: what has not begun would begin, what is over is left. */
const movingLike = (status: BuildStatus): BuildStatus =>
  status === "created" || status === "manual" || finishedStatuses.includes(status) ? "pending" : status

async function reopen(services: Parts, seen: BuildRow, status: BuildStatus): Promise<"same" | "reopened"> {
  const reopened = await inTransaction(services, async (tx) => {
    await holdProject(tx, seen.projectId)
    const now = await lockBuild(tx, seen.id)
    // Somebody here was faster.
    if (now === null || now.status !== seen.status || now.finishedAt?.getTime() !== seen.finishedAt?.getTime())
      return false
    const values = { status: movingLike(status), stage: null, error: null, finishedAt: null, again: false }
    const row = await updateBuild(tx, seen.id, values)
    if (row === null) return false
    const build = await buildView(tx, row)
    appendEvents(tx, row.projectId, [{ type: "build.changed", build }], { subjectId: row.id })
    await projectChanged(services, tx, row.projectId)
    return true
  })
  if (reopened) services.builds.kick()
  return reopened ? "reopened" : "same"
}
