import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { newId } from "../lib/ids.ts"
import type { Forge, PipelineEvent, PipelineInput, PipelineJob } from "../ports/forge/port.ts"
import type { Repository } from "../ports/repository/port.ts"

export interface Committed {
  id: string
  sha: string
}

/** What a pipeline told, taken as strictly as a build's record takes it. */
export class Told {
  readonly events: PipelineEvent[] = []
  readonly logs = new Map<string, string>()
  jobs: PipelineJob[] = []
  end: Extract<PipelineEvent, { type: "finished" | "moved" }> | null = null

  take(event: PipelineEvent): void {
    if (this.end !== null) throw new Error(`told after the end: ${JSON.stringify(event)}`)
    this.events.push(event)
    if (event.type === "finished" || event.type === "moved") this.end = event
    if (event.type === "planned") this.jobs = event.jobs.map((job) => ({ ...job }))
    if (event.type !== "job" && event.type !== "log") return
    const job = this.jobs.find(({ id }) => id === event.jobId)
    if (job === undefined) throw new Error("told of a job that was not planned")
    if (event.type === "log") this.logs.set(job.id, (this.logs.get(job.id) ?? "") + event.text)
    else Object.assign(job, { status: event.status, allowFailure: event.allowFailure })
  }

  /** State by name of the job. */
  get states(): Record<string, string> {
    return Object.fromEntries(this.jobs.map(({ name, status }) => [name, status]))
  }

  get status(): string | null {
    return this.end?.type === "finished" ? this.end.status : null
  }

  get error(): string | null {
    return this.end?.type === "finished" ? this.end.error : null
  }

  /** The number that the forge gave the pipeline. */
  get pipeline(): number | null {
    return this.events.findLast((event) => event.type === "pipeline")?.number ?? null
  }

  job(name: string): PipelineJob {
    const found = this.jobs.find((job) => job.name === name)
    if (found === undefined) throw new Error(`there is no job ${name}`)
    return found
  }

  log(name: string): string {
    return this.logs.get(this.job(name).id) ?? ""
  }

  of<T extends PipelineEvent["type"]>(type: T): Extract<PipelineEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<PipelineEvent, { type: T }> => event.type === type)
  }
}

export interface Running extends Committed {
  buildId: string
  told: Told
  done: Promise<Told>
  stop(reason?: unknown): void
}

/** Versions, and their pipelines at a forge. */
export class ForgeRig {
  constructor(
    public forge: Forge,
    readonly repository: Repository,
  ) {}

  /** A version with these files and no others. */
  async commit(files: Record<string, string>, id: string = newId()): Promise<Committed> {
    const workTree = await mkdtemp(join(tmpdir(), "forge-tree-"))
    for (const [path, text] of Object.entries(files)) await Bun.write(join(workTree, path), text)
    await this.repository.create(id)
    const author = { name: "Test", email: "test@example.com" }
    const made = await this.repository.commit(id, { workTree, message: "files", author, ref: "refs/heads/main" })
    await rm(workTree, { recursive: true })
    if (made === null) throw new Error("nothing to commit")
    return { id, sha: made.sha }
  }

  start(project: Committed, more: Partial<PipelineInput> = {}): Running {
    const controller = new AbortController()
    const buildId = more.buildId ?? newId()
    const told = new Told()
    const named = { projectId: project.id, buildId, sha: project.sha, projectName: "shop" }
    const input: PipelineInput = { attempt: "first", keep: [], play: [], mergeRequest: null, ...named, ...more }
    const done = (async () => {
      for await (const event of this.forge.run(input, controller.signal)) told.take(event)
      return told
    })()
    done.catch(() => {})
    return { ...project, buildId, told, done, stop: (reason) => controller.abort(reason) }
  }

  /** To its end. */
  async run(project: Committed, more: Partial<PipelineInput> = {}): Promise<Running> {
    const running = this.start(project, more)
    await running.done
    if (running.told.end === null) throw new Error("the pipeline has no end")
    return running
  }
}

export const placeOf = ({ id, buildId, told }: Running) => ({
  projectId: id,
  buildId,
  pipeline: told.pipeline,
  jobIds: told.jobs.map((job) => job.id),
})
