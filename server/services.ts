import { join } from "node:path"
import type { Logger } from "pino"
import { type Config, projectRoot } from "./config.ts"
import type { Services } from "./context.ts"
import { createAuth } from "./features/account/auth.ts"
import { createBuilds } from "./features/build/engine.ts"
import { DeltaWriter } from "./features/event/delta-writer.ts"
import { Hub } from "./features/event/hub.ts"
import { startPruning } from "./features/event/prune.ts"
import { createRemoteLinks } from "./features/forge/remote-links.ts"
import { createSync } from "./features/forge/create-sync.ts"
import { createSetupWatch } from "./features/forge/setup-watch.ts"
import { createRuns } from "./features/run/engine.ts"
import { offeredTemplates } from "./features/project/templates.ts"
import { readAppSpec } from "./features/sandbox/devcontainer.ts"
import { createSandboxes } from "./features/sandbox/supervisor.ts"
import { openDatabase } from "./lib/database.ts"
import { openPool } from "./lib/pool.ts"
import { createGitLabForge } from "./ports/forge/gitlab/create-gitlab-forge.ts"
import { createLocalForge } from "./ports/forge/local/create-local-forge.ts"
import { createAnthropicModel } from "./ports/model/anthropic/create-anthropic-model.ts"
import { createDemoModel } from "./ports/model/demo/create-demo-model.ts"
import type { Model } from "./ports/model/port.ts"
import { createGitRepository } from "./ports/repository/git/create-git-repository.ts"
import { openSandbox } from "./ports/sandbox/open-sandbox.ts"
import type { Sandbox } from "./ports/sandbox/port.ts"

/** Everything verbs use, made over a migrated database; engines do nothing until `start`. */
export interface OpenServices {
  readonly services: Services
  /** Recovers what an earlier server left and lets the engines work. */
  start(): Promise<void>
  /** From here on streams end and nothing new begins. */
  drain(): void
  /** Ends running work, stores what is left, lets go of the database. `drain` comes first. */
  close(): Promise<void>
}

const templatesDir = join(projectRoot, "templates")

function chooseModel(config: Config, mode: Sandbox["mode"]): Model {
  if (config.claudeApiKey !== null) return createAnthropicModel(config)
  return createDemoModel({ templatesDir, templates: offeredTemplates(mode).map(({ name }) => name) })
}

/** A check without an image of its own runs where the app would run. */
const imageOf = (root: string) =>
  readAppSpec(root, "release").then(
    ({ image }) => image,
    () => null,
  )

/** Ports first, then the services over them. `model` is used in place of the configured one. */
export async function openServices(
  config: Config,
  log: Logger,
  databaseUrl: string,
  model?: Model,
): Promise<OpenServices> {
  const { dataDir } = config
  const draining = new AbortController()
  const client = openPool(databaseUrl, config.databasePoolSize)
  const db = openDatabase(client)
  const onError = (err: unknown) => log.error({ err }, "events could not be handled")
  const onFault = (err: unknown) => log.error({ err }, "checks could not be run")
  // One server a database (see server-lock.ts), so nobody else has to be told.
  const hub = new Hub({ db, notifies: false, onError })
  const deltas = new DeltaWriter({ db, hub, onError })
  const repository = createGitRepository({
    reposDir: join(dataDir, "repos"),
    remote: { network: config.gitNetwork },
  })
  const sandbox = await openSandbox(config, log)

  const forge =
    config.gitlab === null
      ? createLocalForge({ dataDir, repository, sandbox, imageOf, onFault })
      : createGitLabForge({
          settings: config.gitlab,
          publicUrl: config.publicUrl,
          secretKey: config.secretKey,
          repository,
          links: createRemoteLinks({ db, hub, config }),
          log,
        })

  // The engines know each other through this object and read it only once they work, so it may be completed here.
  const services = {
    config,
    log,
    db,
    hub,
    deltas,
    repository,
    sandbox,
    auth: createAuth({ config, db, log }),
    model: model ?? chooseModel(config, sandbox.mode),
    forge,
    draining: draining.signal,
  } as Services
  services.sandboxes = createSandboxes(services)
  services.builds = createBuilds(services)
  services.runs = createRuns(services)
  services.forgeSetup = createSetupWatch(services)
  services.sync = createSync(services)

  let stopPruning = () => {}
  return {
    services,
    start: async () => {
      await services.sandboxes.start()
      await services.builds.start()
      await services.runs.start()
      services.forgeSetup.start()
      services.sync.start()
      stopPruning = startPruning(services)
    },
    drain: () => draining.abort(new Error("the server is stopping")),
    close: async () => {
      stopPruning()
      await services.forgeSetup.close()
      await services.sync.close()
      await services.runs.drain()
      await services.builds.close()
      await services.sandboxes.close()
      await sandbox.close()
      await deltas.close()
      await client.end({ timeout: 2 })
    },
  }
}
