import { join } from "node:path"
import type { Logger } from "pino"
import { isLoopback } from "../../lib/addresses.ts"
import { ConfigError } from "../../lib/env-reader.ts"
import { createDockerSandbox } from "./docker/create-docker-sandbox.ts"
import { type Engine, findEngine } from "./docker/engine.ts"
import type { Sandbox } from "./port.ts"
import { createProcessSandbox } from "./process/create-process-sandbox.ts"

/** Rooms of the data folder that hold a folder for each project which its apps write. */
const rooms = ["workspaces", "releases", "data"]

interface SandboxOptions {
  sandbox: "auto" | "docker" | "process"
  dockerHost: string | null
  dataDir: string
  publicUrl: string
  sandboxImage: string | null
  sandboxEgress: "open" | "registry" | "none"
  sandboxRuntime: string | null
  containerMemory: number
  containerCpus: number
  containerDisk: number
  containerPids: number
  /** Whose registry images of apps come from. */
  gitlab: { token: string } | null
}

/**
 * Containers where an engine answers, processes of this machine where none does and that was not asked for otherwise.
 * Throws `ConfigError` when there is neither, also for a runtime that the engine does not know.
 */
export async function openSandbox(options: SandboxOptions, log: Logger, patienceMs = 15_000): Promise<Sandbox> {
  const { dataDir, sandbox } = options
  if (sandbox === "process") return createProcessSandbox({ dataDir, log })
  // After a restart of the machine the engine may come up later than we do.
  const engine = await find(options, sandbox === "docker" ? patienceMs : 0)
  if (engine !== null) {
    await checkRuntime(engine, options.sandboxRuntime)
    log.info({ engine: engine.kind, version: engine.version }, "apps run in containers")
    return createDockerSandbox({
      engine,
      dataDir,
      log,
      image: options.sandboxImage,
      // GitLab takes an access token from any name; this is what it calls one.
      login: options.gitlab === null ? null : { username: "oauth2", password: options.gitlab.token },
      egress: options.sandboxEgress,
      foldersOf: (projectId) => rooms.map((room) => join(dataDir, room, projectId)),
      limits: {
        memory: options.containerMemory,
        cpus: options.containerCpus,
        disk: options.containerDisk,
        pids: options.containerPids,
        runtime: options.sandboxRuntime,
      },
    })
  }
  if (sandbox === "docker") {
    const where = options.dockerHost ?? "the usual places of Docker and Podman"
    throw new ConfigError("SANDBOX", `is "docker", but no container engine answers at ${where}`, "process")
  }
  if (!isLoopback(new URL(options.publicUrl).hostname)) {
    throw new ConfigError(
      "SANDBOX",
      "must be named because PUBLIC_URL is not this machine and no container engine answers: apps would run as processes beside the server, which is only for people you trust",
      "process",
    )
  }
  return createProcessSandbox({ dataDir, log })
}

/** Otherwise every app would fail to start, one by one. */
async function checkRuntime(engine: Engine, runtime: string | null): Promise<void> {
  if (runtime === null) return
  const info: { Runtimes?: Record<string, unknown> } = await engine.call((docker) => docker.info())
  const known = Object.keys(info.Runtimes ?? {})
  if (known.length === 0 || known.includes(runtime)) return
  throw new ConfigError(
    "SANDBOX_RUNTIME",
    `is "${runtime}", but the engine knows only ${known.join(", ")}`,
    known[0] ?? "",
  )
}

async function find({ dockerHost, dataDir }: SandboxOptions, ms: number): Promise<Engine | null> {
  const until = performance.now() + ms
  for (;;) {
    const engine = await findEngine({ host: dockerHost, dataDir })
    if (engine !== null || performance.now() >= until) return engine
    await Bun.sleep(500)
  }
}
