import type { Logger } from "pino"
import type { Config } from "./config.ts"
import type { Builds } from "./features/build/builds.ts"
import type { ForgeSetup } from "./features/forge/forge-setup.ts"
import type { Hub } from "./features/event/hub.ts"
import type { DeltaWriter } from "./features/event/delta-writer.ts"
import type { Sync } from "./features/forge/sync.ts"
import type { Runs } from "./features/run/runs.ts"
import type { Sandboxes } from "./features/sandbox/sandboxes.ts"
import type { Auth } from "./features/account/auth.ts"
import type { Database } from "./lib/database.ts"
import type { Forge } from "./ports/forge/port.ts"
import type { Model } from "./ports/model/port.ts"
import type { Repository } from "./ports/repository/port.ts"
import type { Sandbox } from "./ports/sandbox/port.ts"

/** Who acts. Role and ids are read from the database, never from the request. */
export type Actor =
  | { type: "user"; userId: string; role: "admin" | "user"; sessionId: string }
  | { type: "apiKey"; userId: string; role: "admin" | "user"; keyId: string }
  | { type: "system" }

/** What every verb may use; made once in `main.ts` (and per test server). */
export interface Services {
  config: Config
  log: Logger
  db: Database
  auth: Auth
  model: Model
  repository: Repository
  forge: Forge
  sandbox: Sandbox
  hub: Hub
  deltas: DeltaWriter
  runs: Runs
  builds: Builds
  sandboxes: Sandboxes
  forgeSetup: ForgeSetup
  sync: Sync
  /** Aborted when the server drains. */
  draining: AbortSignal
}

/** First argument of every verb. */
export interface Ctx extends Services {
  actor: Actor
  requestId: string
}

/** The context of work that nobody asked for right now: engines, sweeps, reconciliation. */
export const systemCtx = (services: Services): Ctx => ({ ...services, actor: { type: "system" }, requestId: "system" })
