import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Docker from "dockerode"
import { freePort } from "../lib/free-port.ts"
import { serverIdOf } from "../ports/sandbox/docker/labels.ts"
import { until } from "./until.ts"

/** A server in a container of the engine that its apps run on, as `docker-compose.yml` has it. */
export interface ContainedServer {
  readonly url: string
  readonly docker: Docker
  readonly id: string
  /** Names of the networks that its container has an end in. */
  networks(): Promise<string[]>
  output(): Promise<string>
  /** As an engine ends it: SIGTERM, and after ten seconds SIGKILL. The exit code, and how long it took. */
  stop(): Promise<{ code: number; ms: number }>
  start(): Promise<void>
  /** Removes it and all it made. */
  close(): Promise<void>
}

/** The account of the image; the data folder must be its own. */
const account = 1000

/** Starts `image` with the engine's socket, and `DATA_DIR` at the same place inside and outside. */
export async function startContainedServer(input: {
  host: string
  image: string
  /** What the apps run in. */
  apps: string
  command?: string[]
  binds?: string[]
  env?: Record<string, string>
}): Promise<ContainedServer> {
  const socket = input.host.slice("unix://".length)
  const docker = new Docker({ socketPath: socket })
  const dataDir = mkdtempSync(join(tmpdir(), "gochat-contained-"))
  chownSync(dataDir, account, account)
  const port = await freePort()
  const env = {
    PORT: String(port),
    HOST: "0.0.0.0",
    DATA_DIR: dataDir,
    HOME: "/tmp",
    NODE_ENV: "production",
    SANDBOX: "docker",
    SANDBOX_IMAGE: input.apps,
    ...input.env,
  }
  const container = await docker.createContainer({
    Image: input.image,
    ...(input.command === undefined ? {} : { Cmd: input.command }),
    User: `${account}:${account}`,
    WorkingDir: "/app",
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: { [`${port}/tcp`]: {} },
    HostConfig: {
      Binds: [`${socket}:/var/run/docker.sock`, `${dataDir}:${dataDir}`, ...(input.binds ?? [])],
      GroupAdd: [String(statSync(socket).gid)],
      PortBindings: { [`${port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
      Init: true,
      Memory: 2 * 1024 ** 3,
      PidsLimit: 1024,
    },
  })
  const url = `http://127.0.0.1:${port}`
  const output = async () => (await container.logs({ stdout: true, stderr: true })).toString()
  const start = async () => {
    await container.start()
    await until(async () => {
      const { State } = await container.inspect()
      if (!State.Running) throw new Error(`the server ended with ${State.ExitCode}:\n${await output()}`)
      return (await fetch(`${url}/health/ready`).catch(() => null))?.ok ?? false
    }, 60_000)
  }
  const close = async () => {
    await container.remove({ force: true, v: true })
    const filters = JSON.stringify({ label: [`gochat.server=${serverIdOf(dataDir)}`] })
    const left = await docker.listContainers({ all: true, filters })
    await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })))
    const [{ Volumes }, networks] = await Promise.all([
      docker.listVolumes({ filters }),
      docker.listNetworks({ filters }),
    ])
    await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()))
    await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()))
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    url,
    docker,
    id: container.id,
    networks: async () => Object.keys((await container.inspect()).NetworkSettings.Networks).sort(),
    output,
    stop: async () => {
      const began = performance.now()
      await container.stop({ t: 10 })
      const { State } = await container.inspect()
      return { code: State.ExitCode, ms: performance.now() - began }
    },
    start,
    close,
  }
}

/** What makes a container of the tests' image a place for this checkout: it, this machine's git, and an account. */
export function checkoutBinds(root: string, scratch: string): string[] {
  const passwd = join(scratch, "passwd")
  writeFileSync(passwd, `root:x:0:0::/root:/bin/sh\nbun:x:${account}:${account}::/tmp:/bin/sh\n`, { mode: 0o644 })
  const own = ["/usr/bin", "/usr/lib"].map((path) => `${path}:${path}:ro`)
  return [...own, `${root}:/app:ro`, `${passwd}:/etc/passwd:ro`]
}
