import { Lines } from "../../../lib/lines.ts"
import { install } from "../install.ts"
import type { Installed } from "../installed.ts"
import { Logs } from "../logs.ts"
import { type Endpoint, type PushedInput, SandboxError, type SandboxTarget, type StartInput } from "../port.ts"
import { targetKey } from "../target-key.ts"
import { noteMemoryKills, type RunningApp, startApp } from "./app.ts"
import { type Box, type BoxInput, type Boxes, lingerMs } from "./boxes.ts"
import type { DiskWatch } from "./disk-watch.ts"
import type { Engine } from "./engine.ts"
import { execIn } from "./exec.ts"

const graceMs = 1_500
const installOutputBytes = 64 * 1024

interface Options {
  engine: Engine
  boxes: Boxes
  disk: DiskWatch
  installed: Installed
  foldersOf: (projectId: string) => string[]
  /** Bytes that a container may have, for the words of one that wanted more. */
  memory: number
  onError: (error: unknown) => void
}

/** The apps that run, one a target. */
export class Apps {
  readonly #apps = new Map<string, RunningApp>()
  readonly #installing = new Lines()
  readonly logs = new Logs((key) => this.#apps.has(key))

  constructor(private readonly options: Options) {}

  endpoint(target: SandboxTarget): Endpoint | null {
    return this.#apps.get(targetKey(target))?.endpoint ?? null
  }

  running(): SandboxTarget[] {
    return [...this.#apps.values()].map(({ box }) => box.target)
  }

  /** Resolves when its health path answers. Throws `SandboxError`, or `EngineError` when there is no container for it. */
  start(target: SandboxTarget, input: StartInput): Promise<Endpoint> {
    const box = { ...input, target, image: input.app.image, port: input.app.port }
    return this.#run(target, input, box, (held) => this.prepare(held, input))
  }

  /** As `start`, of what is in the image of this id: nothing is installed or built. */
  startPushed(target: SandboxTarget, input: PushedInput, imageId: string, command: string): Promise<Endpoint> {
    const { app, dataDir, onProgress, signal } = input
    const box = { target, dataDir, onProgress, signal, root: null, imageId, port: app.port }
    return this.#run(target, { ...input, app: { ...app, command } }, box, async () => {})
  }

  async #run(
    target: SandboxTarget,
    input: Parameters<typeof startApp>[3] & Pick<StartInput, "onExit">,
    files: BoxInput,
    prepare: (box: Box) => Promise<void>,
  ): Promise<Endpoint> {
    const { engine, boxes, disk, memory, foldersOf } = this.options
    const running = this.#apps.get(targetKey(target))
    if (running) return running.endpoint
    this.logs.forget(target)
    const box = await boxes.hold(files)
    try {
      const problem = await disk.problem([...foldersOf(target.projectId), ...box.volumes.map(({ folder }) => folder)])
      if (problem !== null) throw new SandboxError(problem, "", "disk")
      await prepare(box)
      const app = await startApp(engine, boxes, box, input, memory, this.logs.of(target))
      this.#apps.set(targetKey(target), app)
      void this.#watch(app, input.onExit).catch(this.options.onError)
      return app.endpoint
    } catch (error) {
      await boxes.release(box, lingerMs[target.kind]).catch(this.options.onError)
      throw error
    }
  }

  /** Installs what the app needs, one after the other in a folder: a start and a command may both want it. */
  prepare(box: Box, input: Omit<StartInput, "onExit">): Promise<void> {
    const { engine, boxes, installed, memory } = this.options
    const { app, signal } = input
    return this.#installing.wait(input.root, async () => {
      const tail = this.logs.of(box.target)
      await install(installed, {
        ...input,
        runtime: box.imageId,
        onOutput: (text) => tail.add(new TextEncoder().encode(text)),
        run: (command, more) =>
          execIn(engine, boxes, box, memory, {
            ...more,
            command,
            env: app.env,
            maxOutputBytes: installOutputBytes,
            signal,
          }),
      })
    })
  }

  /** Ends the app. A command at work keeps the container; alone, the app ends with it. */
  async stop(target: SandboxTarget): Promise<void> {
    const { boxes } = this.options
    const app = this.#apps.get(targetKey(target))
    if (app === undefined) return
    this.#apps.delete(targetKey(target))
    if (app.box.users === 1) app.box.endedBecause ??= { reason: "It was stopped.", because: "app" }
    else if (!(await app.inside.end(graceMs))) await boxes.kill(app.box, "It was stopped.")
    await boxes.release(app.box, 0)
  }

  /** From here on nobody is told that they end: of this project, or of all. */
  forget(projectId: string | null): void {
    for (const [key, { box }] of this.#apps) {
      if (projectId === null || box.target.projectId === projectId) this.#apps.delete(key)
    }
  }

  async #watch(app: RunningApp, onExit: StartInput["onExit"]): Promise<void> {
    const { boxes, engine, onError } = this.options
    const { reason, because, code } = await app.ended
    const { target } = app.box
    if (this.#apps.get(targetKey(target)) !== app) return
    this.#apps.delete(targetKey(target))
    onExit(reason, because)
    // Without a code only its output is known to have ended, perhaps with the connection: it may still have the port.
    if (code === null) await boxes.kill(app.box, reason, because).catch(onError)
    else await noteMemoryKills(engine, app.box)
    await boxes.release(app.box, lingerMs[target.kind])
  }
}
