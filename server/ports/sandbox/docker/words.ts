import { SandboxError } from "../port.ts"
import { EngineError } from "./to-engine-error.ts"

const away =
  "What runs the apps on this server does not answer right now. Nothing is lost. Try again in a minute; if it stays so, tell whoever runs this server that the container engine is down."
const full =
  "The disk of this server is full, so nothing can be started. Tell whoever runs this server; nothing that was saved is lost."

/** What people are told when an engine refuses or is away; other errors stay what they are. */
export function inWords(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error
  const options = { cause: error }
  if (error.kind === "away") return Object.assign(new SandboxError(away, "", "unavailable"), options)
  if (error.kind === "full") return Object.assign(new SandboxError(full, "", "unavailable"), options)
  return Object.assign(new SandboxError(`Its container could not be started: ${error.message}`, ""), options)
}

/** Bytes as people say them: 2 GB, 512 MB. */
export const sizeWords = (bytes: number): string => {
  const [unit, size] = bytes >= 1024 ** 3 ? ["GB", 1024 ** 3] : ["MB", 1024 ** 2]
  return `${Number((bytes / size).toFixed(1))} ${unit}`
}
