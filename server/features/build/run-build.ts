import type { Services } from "../../context.ts"
import { left, type MergeRequestWords, type PipelineInput } from "../../ports/forge/port.ts"
import { BuildRecord } from "./record.ts"
import { jobsOf, type OpenBuild } from "./store.ts"

/** What the engine holds of a build while it runs. */
export class BuildRun {
  readonly #controller = new AbortController()
  #words: string | null = null
  #abandoned = false
  #record: BuildRecord | null = null

  constructor(
    private readonly services: Services,
    private readonly open: OpenBuild,
  ) {}

  get build(): OpenBuild["build"] {
    return this.open.build
  }

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

  /** Runs the pipeline to its end; `moved`: it could not begin. Throws when it could not be written down. */
  async run(): Promise<"ended" | "moved"> {
    const { services, build } = this
    const input = await this.#input()
    const record = new BuildRecord(services, build, () => this.#words)
    this.#record = record
    try {
      if (!(await record.begin())) return "ended"
      for await (const event of services.forge.run(input, this.#controller.signal)) {
        if (this.#abandoned) return "ended"
        if (event.type === "moved") return "moved"
        // Somebody else ended it: what runs is not wanted any more.
        if (!(await record.take(event))) this.#controller.abort()
      }
      return "ended"
    } finally {
      await record.close()
    }
  }

  async #input(): Promise<PipelineInput> {
    const { build, slug, versionRoute } = this.open
    // Only what a person wanted again keeps something. A build that was cut off begins again.
    const earlier = build.again ? await jobsOf(this.services.db, [build.id]) : []
    return {
      projectId: build.projectId,
      buildId: build.id,
      sha: build.sha,
      projectName: slug ?? build.projectId,
      attempt: build.again ? "again" : build.status === "created" ? "first" : "resumed",
      keep: earlier.filter((job) => ["success", "failed", "canceled"].includes(job.status)),
      play: earlier.filter((job) => job.status === "pending").map((job) => job.name),
      mergeRequest: versionRoute === "direct" ? null : await this.#mergeRequest(),
    }
  }

  /** The words of the commit. */
  async #mergeRequest(): Promise<MergeRequestWords> {
    const { build } = this.open
    const message = await this.services.repository.message(build.projectId, build.sha)
    const [title = "", ...rest] = message.trim().split("\n")
    return { title, description: rest.join("\n").trim() }
  }
}
