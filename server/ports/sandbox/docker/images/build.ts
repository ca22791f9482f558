import { stripVTControlCharacters } from "node:util"
import { onAbort } from "../../../../lib/on-abort.ts"
import { Tail } from "../../output.ts"
import { SandboxError } from "../../port.ts"
import { plainReason } from "../../reason.ts"
import type { Engine } from "../engine.ts"
import { packContext, sentDockerfile } from "./context.ts"
import { engineTrouble } from "./error.ts"
import { imageLabels } from "./of-project.ts"
import type { Waiter } from "./shared.ts"
import { hear } from "./stream.ts"
import { toEngineError } from "../to-engine-error.ts"

/** Network that the steps of a build get, and what they are told of it. */
export interface BuildNetwork {
  networkMode: string
  env: Record<string, string>
}

export interface BuildInput {
  projectId: string
  root: string
  /** Both as paths inside `root`; a context of null sends no files. */
  dockerfile: string
  context: string | null
  /** The Dockerfile's text, and the lines after which a stage has begun. */
  text: string
  stageLines: readonly number[]
  target: string | null
  args: Record<string, string>
  tag: string
  network: BuildNetwork
  limits: { memory: number; cpus: number }
  buildMs: number
}

const logBytes = 64 * 1024
const cpuPeriod = 100_000
/** Output is passed on as progress so often. */
const wordsEveryMs = 250

/**
 * Builds a project's own Dockerfile with the engine's classic builder, which ends when the request is closed.
 *
 * What holds for its `RUN` steps: memory without swap, processor time, the network that is given, the engine's default
 * seccomp profile and capabilities, and a time limit for the whole. What does not: they run as root of their container
 * with the default capabilities, on a writable file system, in the engine's default runtime, and the builder knows no
 * limit of processes (each costs memory, which is limited) or of disk. Podman (seen with 4.3) lets the step that runs
 * come to its own end.
 */
export async function buildImage(engine: Engine, input: BuildInput, { onProgress, signal }: Waiter): Promise<void> {
  const ending = new AbortController()
  const late = setTimeout(() => ending.abort(), input.buildMs)
  const stay = onAbort(signal, () => ending.abort())
  const labels = imageLabels(engine.serverId, input.projectId)
  const archive = packContext(input.root, input.context, labelled(input, labels))
  const output = new BuildOutput(onProgress)
  let unpacked: Error | null = null
  archive.on("error", (error: Error) => {
    unpacked = error
    ending.abort()
  })
  let stream: NodeJS.ReadableStream | null = null
  try {
    onProgress("Building the image of this app…")
    stream = await engine.docker.buildImage(archive as unknown as NodeJS.ReadableStream, {
      t: input.tag,
      dockerfile: sentDockerfile,
      memory: input.limits.memory,
      memswap: input.limits.memory,
      cpuperiod: cpuPeriod,
      cpuquota: Math.round(input.limits.cpus * cpuPeriod),
      networkmode: input.network.networkMode,
      buildargs: { ...input.args, ...input.network.env },
      labels,
      rm: true,
      forcerm: true,
      ...(input.target === null ? {} : { target: input.target }),
      abortSignal: ending.signal,
    })
    await hear(stream, (line) => output.add(line.stream ?? line.error ?? ""))
  } catch (error) {
    signal.throwIfAborted()
    throw unpacked ?? buildError(input, output, error, ending.signal.aborted)
  } finally {
    clearTimeout(late)
    stay()
    archive.destroy()
    if (stream !== null && "destroy" in stream && typeof stream.destroy === "function") stream.destroy()
  }
}

/** Layers say whose they are, also those of a build that failed halfway. */
function labelled({ text, stageLines }: BuildInput, labels: Record<string, string>): string {
  const label = `LABEL ${Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")}`
  return text
    .split("\n")
    .flatMap((line, index) => (stageLines.includes(index + 1) ? [line, label] : [line]))
    .join("\n")
}

function buildError(input: BuildInput, output: BuildOutput, error: unknown, late: boolean): SandboxError {
  const before = `The image of this app could not be built from ${input.dockerfile}`
  if (late) {
    const words = `${before}: it took longer than ${limitWords(input.buildMs)}. Let it do less, or choose an image that has more.`
    return new SandboxError(words, output.log, "timeout")
  }
  const { kind, message } = toEngineError(error)
  if (kind === "away" || kind === "full") return engineTrouble(before, error)
  if (/non-zero code: 137/.test(message)) {
    const megabytes = Math.round(input.limits.memory / 1024 ** 2)
    return new SandboxError(
      `${before}: a step was ended, maybe because it needed more than ${megabytes} MB of memory.`,
      output.log,
    )
  }
  // The builder counts the lines that were added to what it was given.
  const own = message.replace(/\bline (\d+)\b/, (_, given: string) => {
    const added = input.stageLines.filter((line, index) => line + index + 1 < Number(given)).length
    return `line ${Number(given) - added}`
  })
  return new SandboxError(`${before}: ${plainReason(output.step, own)}`, `${output.log}${own}\n`)
}

const limitWords = (ms: number) => (ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`)

/** What a build says: all of it for the log, that of the last step for the reason, the newest line as progress. */
class BuildOutput {
  readonly #all = new Tail(logBytes)
  #last = new Tail(logBytes)
  #saidAt = 0

  constructor(private readonly onProgress: (words: string) => void) {}

  get log(): string {
    return this.#all.text()
  }

  get step(): string {
    return this.#last.text()
  }

  add(text: string): void {
    if (/^step \d+\/\d+ ?: LABEL "?gochat\./i.test(text)) return
    const bytes = new TextEncoder().encode(text)
    this.#all.add(bytes)
    const step = /^step \d+\/\d+ ?: (.*)/is.exec(text)
    if (step !== null) {
      this.#last = new Tail(logBytes)
      this.#saidAt = 0
      this.#say(`Building the image of this app: ${step[1] ?? ""}`)
    } else if (!/^ ?--+>|^Removing intermediate container|^The command '|^building at STEP/.test(text)) {
      this.#last.add(bytes)
      this.#say(text)
    }
  }

  #say(text: string): void {
    const words = stripVTControlCharacters(text).trim().split("\n").at(-1)?.trim() ?? ""
    if (words === "" || Date.now() - this.#saidAt < wordsEveryMs) return
    this.#saidAt = Date.now()
    this.onProgress(words.slice(0, 200))
  }
}
