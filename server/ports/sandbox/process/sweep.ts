import { endAll } from "./end.ts"
import { usedUids } from "./own-account.ts"

/** Ends every process that carries the server's marker, or runs under an account that only its jobs have. */
export async function sweep(serverMarker: string, dataDir: string): Promise<void> {
  await endAll(null, `${serverMarker}/`, await usedUids(dataDir))
}
