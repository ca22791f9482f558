import type { EndCause } from "../port.ts"
import type { Engine } from "./engine.ts"
import { readInside } from "./inside.ts"
import { listenersCommand, memoryKillsCommand } from "./keeper.ts"
import { EngineError } from "./to-engine-error.ts"
import { sizeWords } from "./words.ts"

/** The engine notes the end of a container a moment after its streams have ended. */
const noteMs = 1_500
const engineStopped = "What runs the apps on this server stopped. The app starts again as soon as it is back."

/** Why an app ended, in plain words, and whether it was the app or what runs it. */
export interface Ended {
  reason: string
  because: EndCause
}

const byApp = (reason: string): Ended => ({ reason, because: "app" })
const byEngine = (reason: string): Ended => ({ reason, because: "engine" })

/** Why an app that was up is not up any more, in plain words. */
export async function whyEnded(
  engine: Engine,
  containerId: string,
  code: number | null,
  memory: number,
  killsBefore: number,
): Promise<Ended> {
  const outOfMemory = `It used more memory than the ${sizeWords(memory)} it may have, so it was ended.`
  const until = performance.now() + noteMs
  try {
    // A code of its own says that its container lived on.
    if (code !== null) return byApp(`It ended by itself with code ${code}.`)
    while (performance.now() < until) {
      const { State } = await engine.call((docker) => docker.getContainer(containerId).inspect())
      if (!State.Running)
        return State.OOMKilled ? byApp(outOfMemory) : byEngine("Its container was ended from outside.")
      if ((await memoryKills(engine, containerId)) > killsBefore) return byApp(outOfMemory)
      await Bun.sleep(100)
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.kind === "missing") return byEngine("Its container was ended from outside.")
    if (error.kind === "away") return byEngine(engineStopped)
  }
  return byApp("It was ended from outside.")
}

/** How often a process of this container was ended for want of memory; 0 where that cannot be known. */
export async function memoryKills(engine: Engine, containerId: string): Promise<number> {
  const { text } = await readInside(engine, containerId, memoryKillsCommand).catch(() => ({ text: "" }))
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}

/** Why nothing answers on the port, as far as the container's open ports tell. */
export async function whySilent(engine: Engine, containerId: string, port: number): Promise<string | null> {
  const { text } = await readInside(engine, containerId, listenersCommand).catch(() => ({ text: "" }))
  const open = listeners(text)
  const own = open.filter((one) => one.port === port)
  if (own.length > 0 && own.every((one) => one.loopback)) {
    return `It listens on 127.0.0.1, where nobody outside its container can reach it. It has to listen on the address in HOST (0.0.0.0).`
  }
  const other = open.find((one) => one.port !== port && !one.loopback)
  if (own.length > 0 || other === undefined) return null
  return `It listens on port ${other.port}, but has to listen on the port in PORT (${port}).`
}

/** Listening sockets in the format of /proc/net/tcp and tcp6 (proc(5)): address and port hexadecimal, state 0A. */
function listeners(text: string): { port: number; loopback: boolean }[] {
  const lines = text.matchAll(/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm)
  return (
    [...lines]
      .map(([, address = "", port = ""]) => ({
        port: Number.parseInt(port, 16),
        loopback: /^[0-9A-F]{6}7F$|^0{24}01000000$|^0{16}FFFF0000[0-9A-F]{6}7F$/.test(address),
      }))
      // The engine's own name server.
      .filter((one) => !(one.loopback && one.port > 32_767))
  )
}
