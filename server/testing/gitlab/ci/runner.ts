import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import pino from "pino"
import { createLocalForge } from "../../../ports/forge/local/create-local-forge.ts"
import { type Surroundings, usual } from "../../../ports/forge/local/variables.ts"
import type { Forge, PipelineInput } from "../../../ports/forge/port.ts"
import { createGitRepository } from "../../../ports/repository/git/create-git-repository.ts"
import type { Sandbox } from "../../../ports/sandbox/port.ts"
import { createProcessSandbox } from "../../../ports/sandbox/process/create-process-sandbox.ts"
import type { World } from "../world.ts"
import { withBuilder } from "./builder.ts"
import { surroundingsOf } from "./surroundings.ts"

/** The runner: the local forge in a folder of its own, over the same repositories. Made when the first job needs it. */
export class Runner {
  #made: Promise<{ forge: Forge; sandbox: Sandbox }> | null = null

  constructor(private readonly world: () => World) {}

  async forge(): Promise<Forge> {
    this.#made ??= this.#make()
    return (await this.#made).forge
  }

  async close(): Promise<void> {
    await (await this.#made)?.sandbox.close()
  }

  async #make(): Promise<{ forge: Forge; sandbox: Sandbox }> {
    const dataDir = join(this.world().folder, "runner")
    await mkdir(dataDir, { recursive: true })
    const processes = await createProcessSandbox({ dataDir, log: pino({ enabled: false }) })
    const { registry } = this.world().settings
    const sandbox = registry === null ? processes : withBuilder(processes, registry.host, dataDir)
    const repository = createGitRepository({ reposDir: this.world().reposDir })
    const around = (input: PipelineInput) => this.#around(input)
    return { forge: createLocalForge({ dataDir, repository, sandbox, around, parallel: 2 }), sandbox }
  }

  #around({ buildId }: PipelineInput): Surroundings {
    const pipeline = [...this.world().pipelines.values()].find((one) => one.buildId === buildId)
    const project = pipeline === undefined ? undefined : this.world().projects.get(pipeline.projectId)
    return pipeline === undefined || project === undefined ? usual : surroundingsOf(this.world(), project, pipeline)
  }
}
