import { existsSync } from "node:fs"
import Docker from "dockerode"
import { serverIdOf } from "./labels.ts"
import { toEngineError } from "./to-engine-error.ts"

/** Who runs apps in containers: never root. A server that is root gives its apps this account. */
const standardUser = 1000
const answerMs = 2_000
/** An engine on a busy disk takes its time; one that takes longer is away. */
const callMs = 60_000
/** While it is waited for, it is asked as often as this whether it is there at all. */
const doubtMs = 5_000

/** A container engine that speaks Docker's API. */
export interface Engine {
  readonly docker: Docker
  readonly kind: "docker" | "podman"
  readonly version: string
  /** Label value of all that this server makes. */
  readonly serverId: string
  /** Owner of the folders that containers write to, and their user. */
  readonly user: { uid: number; gid: number }
  /**
   * One question to the engine, with a time limit. Throws `EngineError` (to-engine-error.ts) for what it refuses, and
   * when it is away or silent.
   */
  call<T>(ask: (docker: Docker) => Promise<T>, ms?: number): Promise<T>
  /** Whether it answers now; never throws. */
  answers(): Promise<boolean>
}

/** Where an engine may listen when nobody names one: Docker's socket, Podman's as root and as this user. */
function places(env: Record<string, string | undefined>): string[] {
  const runtime = env["XDG_RUNTIME_DIR"]
  const own = runtime === undefined ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`]
  return ["/var/run/docker.sock", "/run/podman/podman.sock", ...own].filter((path) => existsSync(path))
}

/** Finds the engine at `host`, or where one listens by itself; null when none answers. */
export async function findEngine(options: {
  /** `unix://…`, `tcp://…`, `http(s)://…`; null = look in the usual places. */
  host: string | null
  dataDir: string
  env?: Record<string, string | undefined>
}): Promise<Engine | null> {
  const hosts = options.host === null ? places(options.env ?? Bun.env).map((path) => `unix://${path}`) : [options.host]
  for (const host of hosts) {
    const engine = await connect(host, options.dataDir).catch(() => null)
    if (engine !== null) return engine
  }
  return null
}

async function connect(host: string, dataDir: string): Promise<Engine> {
  const docker = new Docker(addressOf(host))
  const call = async <T>(ask: (docker: Docker) => Promise<T>, ms = callMs): Promise<T> => {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const giveUp = (after: number) => reject(new Error(`no answer within ${after} ms`, { cause: "late" }))
    const timer = setTimeout(() => giveUp(ms), ms)
    const doubt = setInterval(() => void isSilent(docker).then((silent) => silent && giveUp(doubtMs * 2)), doubtMs)
    try {
      return await Promise.race([ask(docker), late])
    } catch (error) {
      throw toEngineError(error)
    } finally {
      clearTimeout(timer)
      clearInterval(doubt)
    }
  }
  const version = await call((one) => one.version(), answerMs)
  const parts = version.Components ?? []
  const uid = process.getuid?.() ?? standardUser
  return {
    docker,
    kind: parts.some(({ Name }) => Name.startsWith("Podman")) ? "podman" : "docker",
    version: version.Version,
    serverId: serverIdOf(dataDir),
    user: uid === 0 ? { uid: standardUser, gid: standardUser } : { uid, gid: process.getgid?.() ?? uid },
    call,
    answers: () =>
      call((one) => one.ping(), answerMs).then(
        () => true,
        () => false,
      ),
  }
}

/** It takes connections, perhaps, but says nothing: one that is only busy answers this at once. */
function isSilent(docker: Docker): Promise<boolean> {
  return Promise.race([
    docker.ping().then(
      () => false,
      () => false,
    ),
    Bun.sleep(doubtMs).then(() => true),
  ])
}

function addressOf(host: string): Docker.DockerOptions {
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) }
  const { protocol, hostname, port } = new URL(host)
  const secure = protocol === "https:"
  return { protocol: secure ? "https" : "http", host: hostname, port: Number(port || (secure ? 2376 : 2375)) }
}
