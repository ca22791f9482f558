import type { BuildStatus } from "../../../shared/build.ts"
import { appendTrace } from "./ci/trace.ts"
import { newJob } from "./ci/new-job.ts"
import type { Job, Pipeline, World } from "./world.ts"

/** A pipeline in the hands of a test. */
export class ScriptedPipeline {
  constructor(
    private readonly world: World,
    readonly pipeline: Pipeline,
  ) {}

  /** The newest job of that name; one that is not there is made. */
  job(name: string, stage = "test"): Job {
    const known = this.pipeline.jobs.findLast((job) => job.name === name && !job.retried)
    if (known !== undefined) return known
    const job = newJob(this.world, { name, stage })
    this.pipeline.jobs.push(job)
    if (!this.pipeline.stages.includes(stage)) this.pipeline.stages.push(stage)
    return job
  }

  /** A job's state; the pipeline's follows by GitLab's rules, and hooks are sent. */
  set(
    name: string,
    status: BuildStatus,
    more: { log?: string; failureReason?: string; artifacts?: Uint8Array } = {},
  ): this {
    const job = this.job(name)
    if (more.log !== undefined) appendTrace(job, more.log)
    if (more.artifacts !== undefined) job.artifacts = more.artifacts
    this.world.engine.set(this.pipeline, job, status, more.failureReason)
    return this
  }

  /** The pipeline's own state, whatever its jobs are. */
  setStatus(status: BuildStatus): this {
    this.world.engine.setStatus(this.pipeline, status)
    return this
  }

  /** Hooks tell of the pipeline although nothing changed. */
  tell(): this {
    this.world.engine.tell(this.pipeline)
    return this
  }

  /** A log grows. */
  log(name: string, text: string | Uint8Array): this {
    appendTrace(this.job(name), text)
    return this
  }
}
