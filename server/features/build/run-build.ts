import type { Services } from "../../context.ts"
import { left } from "../../ports/forge/port.ts"
import { BuildRecord } from "./record.ts"
import { type BuildRow, jobsOf } from "./store.ts"

/** What the engine holds of a build while it runs. */
export class BuildRun {
  readonly #controller = new AbortController()
  #words: string | null = null
  #abandoned = false
  #record: BuildRecord | null = null

  constructor(
    private readonly services: Services,
    readonly build: BuildRow,
    private readonly projectName: string,
  ) {}

  /** May a newer version end it? */
  get interruptible(): boolean {
    return this.#record?.interruptible ?? false
  }

  /** Ends the jobs; the build becomes canceled. */
  cancel(words: string | null = null): void {
    this.#words ??= words
    this.#controller.abort()
  }

  /** Ends the jobs that run on this machine and writes nothing: the server stops, and the next one runs the build again. */
  abandon(): void {
    this.#abandoned = true
    this.#controller.abort(left)
  }

  /** Runs the pipeline to its end. Throws when it could not be written down. */
  async run(): Promise<void> {
    const { services, build, projectName } = this
    // Only a retry keeps something. A build that was cut off begins again.
    const earlier = build.status === "pending" ? await jobsOf(services.db, [build.id]) : []
    const input = {
      projectId: build.projectId,
      buildId: build.id,
      sha: build.sha,
      projectName,
      keep: earlier.filter((job) => ["success", "failed", "canceled"].includes(job.status)),
      play: earlier.filter((job) => job.status === "pending").map((job) => job.name),
    }
    const record = new BuildRecord(services, build, () => this.#words)
    this.#record = record
    try {
      if (!(await record.begin())) return
      for await (const event of services.forge.run(input, this.#controller.signal)) {
        if (this.#abandoned) return
        await record.take(event)
      }
    } finally {
      await record.close()
    }
  }
}
