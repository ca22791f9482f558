/** The server of `bench:stream` and `bench:webhook`, in a process of its own so that its processor time can be read. */
import { loadConfig } from "../config.ts"
import { startServer } from "../server.ts"
import { pacedModel } from "./paced-model.ts"

const server = await startServer(loadConfig(process.env), { model: pacedModel })
process.on("SIGTERM", () => void server.stop().then(() => process.exit(0)))
console.log("ready")
