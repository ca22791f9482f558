import type { Logger } from "pino"
import type { Config } from "../../config.ts"
import { startEmbedded } from "./embedded/embedded.ts"
import { connectExternal } from "./external/external.ts"
import type { DatabaseServer } from "./port.ts"

/** The database that the configuration asks for. */
export const openDatabaseServer = (
  config: Pick<Config, "databaseUrl" | "dataDir">,
  log?: Logger,
): Promise<DatabaseServer> =>
  config.databaseUrl === null ? startEmbedded(config.dataDir, { log }) : connectExternal(config.databaseUrl)
