import { onAbort } from "../../../../lib/on-abort.ts"
import type { Engine } from "../engine.ts"
import { type NamedBy, pullError, slowPull } from "./error.ts"
import type { ImageName } from "./name.ts"
import { PullProgress } from "./progress.ts"
import type { Waiter } from "./shared.ts"
import { hear } from "./stream.ts"

export interface PullLimits {
  pullMs: number
  /** Nothing new for so long: the registry is gone. */
  stallMs: number
}

export interface Login {
  username: string
  password: string
}

/** Fetches an image from its registry; that one alone is told the login. Ends the engine's work with ours: it stops when the request is closed. */
export async function pullImage(
  engine: Engine,
  name: ImageName,
  shown: string,
  by: NamedBy,
  limits: PullLimits,
  { onProgress, signal }: Waiter,
  login: Login | null = null,
): Promise<void> {
  const ending = new AbortController()
  let why: "late" | "stalled" | null = null
  const end = (reason: typeof why) => {
    why ??= reason
    ending.abort()
  }
  const late = setTimeout(() => end("late"), limits.pullMs)
  let stalled = setTimeout(() => end("stalled"), limits.stallMs)
  const stay = onAbort(signal, () => end(null))
  const progress = new PullProgress(shown)
  let stream: NodeJS.ReadableStream | null = null
  try {
    onProgress(`Fetching the image ${shown}…`)
    // One tag or digest is always named: without one an engine fetches all there are.
    const repository = `${name.domain}/${name.path}`
    const options = { fromImage: repository, tag: name.digest ?? name.tag, abortSignal: ending.signal }
    const auth = login === null ? undefined : { ...login, serveraddress: name.domain }
    stream = await engine.docker.createImage(auth, options)
    await hear(stream, (line) => {
      if (!progress.add(line)) return
      clearTimeout(stalled)
      stalled = setTimeout(() => end("stalled"), limits.stallMs)
      const words = progress.words()
      if (words !== null) onProgress(words)
    })
  } catch (error) {
    signal.throwIfAborted()
    throw why === null ? pullError(shown, by, error) : slowPull(shown, by, why)
  } finally {
    clearTimeout(late)
    clearTimeout(stalled)
    stay()
    if (stream !== null && "destroy" in stream && typeof stream.destroy === "function") stream.destroy()
  }
}
