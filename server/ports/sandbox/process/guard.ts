/**
 * Waits beside a server that has no process namespaces to rely on, and ends what its apps left when the server is
 * gone, however it went. Reads nothing: the end of its standard input is the end of the server.
 */
import { sweep } from "./sweep.ts"

const [marker, dataDir] = process.argv.slice(2)
if (!marker || !dataDir) throw new Error("guard.ts needs a marker and a data folder")

for await (const _ of Bun.stdin.stream()) {
  // Nobody writes here.
}
await sweep(marker, dataDir)
