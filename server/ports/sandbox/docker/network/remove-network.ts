import type { Engine } from "../engine.ts"
import { EngineError } from "../to-engine-error.ts"

/** A container that was just removed may hold its end of the network for a moment. */
const leavingMs = 3_000
const pauseMs = 50

interface NetworkRemoval {
  /** What is detached by force first: these containers, or whatever is attached. */
  cut: string[] | "all"
  /** How long something may take to leave. */
  patienceMs?: number
}

/** Removes a network. False when something uses it and goes on doing so. Fine when it is gone already. */
export async function removeNetwork(
  engine: Engine,
  { Id, Containers }: { Id: string; Containers?: Record<string, unknown> },
  { cut, patienceMs = leavingMs }: NetworkRemoval,
): Promise<boolean> {
  const network = engine.docker.getNetwork(Id)
  for (const Container of cut === "all" ? Object.keys(Containers ?? {}) : cut) {
    await engine.call(() => network.disconnect({ Container, Force: true })).catch(unlessAway)
  }
  const until = performance.now() + patienceMs
  for (;;) {
    try {
      await engine.call(() => network.remove())
      return true
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (error.kind === "missing") return true
      if (!inUse(error)) throw error
    }
    if (performance.now() >= until) return false
    await Bun.sleep(pauseMs)
  }
}

/** For what may fail because somebody else changed it: a later step tells. */
export function unlessAway(error: unknown): void {
  if (error instanceof EngineError && error.kind === "away") throw error
}

const inUse = ({ kind, message }: EngineError): boolean =>
  kind !== "away" && /active endpoints|in use|being used|associated containers/i.test(message)
