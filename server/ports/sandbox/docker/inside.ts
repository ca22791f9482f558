import type { Readable } from "node:stream"
import type { Exec } from "dockerode"
import type { Engine } from "./engine.ts"
import { withoutFrames } from "./frames.ts"
import { endCommand, runCommand } from "./keeper.ts"
import { EngineError } from "./to-engine-error.ts"

const endMs = 10_000
/** After the stream of an exec has ended the engine may need a moment to know its code. */
const codeMs = 3_000
/** What is read of a small command of ours. Its shell and tools are those of the app's image, and may say anything. */
const mostRead = 512 * 1024

/** A command at work in a container. */
export interface Inside {
  /** What it prints, both streams in order. Reading slowly slows the command. Ends with it, or with its container. */
  readonly output: AsyncIterable<Uint8Array>
  /** Its exit code once `output` has ended; null when its container ended, or a signal did it. */
  code(): Promise<number | null>
  /** Ends it and all it started. False when that cannot be done from inside: then its container has to go. */
  end(graceMs: number): Promise<boolean>
}

/** Runs a shell command line in a running container. Throws `EngineError` when it does not take one. */
export async function runInside(
  engine: Engine,
  containerId: string,
  command: string,
  env: Record<string, string>,
): Promise<Inside> {
  const marker = crypto.randomUUID()
  const variables = Object.entries(env)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `${name}=${value.replaceAll("\0", "")}`)
  const exec = await startExec(engine, containerId, runCommand(command), [...variables, `GOCHAT_SANDBOX=${marker}`])
  return {
    output: withoutFrames(untilCut(exec.stream)),
    code: () => codeOf(engine, exec.exec),
    end: async (graceMs) => {
      const ask = readInside(engine, containerId, endCommand(marker, Math.ceil(graceMs / 100)), graceMs + endMs)
      return ask.then(
        ({ code }) => code === 0,
        () => false,
      )
    },
  }
}

/** Runs a small command of ours to its end and returns what it printed; one that prints too much is cut, without a code. */
export async function readInside(
  engine: Engine,
  containerId: string,
  command: string[],
  ms = endMs,
): Promise<{ code: number | null; text: string }> {
  const { exec, stream } = await startExec(engine, containerId, command, [])
  let size = 0
  const reading = (async () => {
    const chunks: Uint8Array[] = []
    for await (const chunk of withoutFrames(untilCut(stream))) {
      chunks.push(chunk)
      size += chunk.length
      if (size > mostRead) break
    }
    return Buffer.concat(chunks).toString()
  })()
  try {
    const text = await engine.call(() => reading, ms)
    return { code: size > mostRead ? null : await codeOf(engine, exec), text }
  } finally {
    // Nobody would ever read on, and what is not read is held by whoever sends it.
    stream.destroy()
  }
}

async function startExec(engine: Engine, containerId: string, command: string[], env: string[]) {
  const exec = await engine.call((docker) =>
    docker.getContainer(containerId).exec({ Cmd: command, Env: env, AttachStdout: true, AttachStderr: true }),
  )
  const stream = await engine.call(() => exec.start({ hijack: false, stdin: false }))
  return { exec, stream }
}

/** A connection that the engine cuts, because it ends itself, is an end like any other: why is asked later. */
async function* untilCut(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch {
    // See above.
  }
}

async function codeOf(engine: Engine, exec: Exec): Promise<number | null> {
  const until = performance.now() + codeMs
  for (;;) {
    try {
      const { Running, ExitCode } = await engine.call(() => exec.inspect())
      if (!Running) return ExitCode === null || ExitCode > 128 ? null : ExitCode
    } catch (error) {
      if (error instanceof EngineError) return null
      throw error
    }
    if (performance.now() > until) return null
    await Bun.sleep(20)
  }
}
