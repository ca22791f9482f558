import type { Job, World } from "../world.ts"

/** A job before anything happened to it. */
export function newJob(
  world: World,
  input: Pick<Job, "name" | "stage"> & Partial<Pick<Job, "allowFailure" | "manual">>,
): Job {
  return {
    id: world.nextId(),
    name: input.name,
    stage: input.stage,
    status: "created",
    allowFailure: input.allowFailure ?? false,
    manual: input.manual ?? false,
    createdAt: new Date(),
    startedAt: null,
    finishedAt: null,
    erasedAt: null,
    failureReason: null,
    trace: [],
    runnerJobId: null,
    artifacts: null,
    retried: false,
  }
}
