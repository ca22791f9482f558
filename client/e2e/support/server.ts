import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { bunPath } from "./bun-path.ts"

/** The product as it is started for people: production build, its own database, the demo model. */
export interface AppServer {
  /** `http://gochat.localhost:<port>`, which only browsers resolve. */
  readonly url: string
  stop(): Promise<void>
}

const root = join(import.meta.dirname, "../../..")
const readyMs = 60_000

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      )
    })
  })
}

/** Starts a server in a process of its own and waits until it is ready. */
export async function startServer(env: Record<string, string> = {}): Promise<AppServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "go-chat-e2e-"))
  const port = await freePort()
  const child = spawn(bunPath(), ["--no-env-file", "server/main.ts"], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      NODE_ENV: "production",
      BUN_CONFIG_MAX_HTTP_REQUESTS: "4096",
      PORT: String(port),
      DATA_DIR: dataDir,
      // An engine that happens to be on this machine must not decide what a test finds.
      SANDBOX: "process",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8")
    stream.on("data", (text: string) => {
      printed += text
    })
  }
  try {
    await ready(`http://127.0.0.1:${port}/health/ready`, child)
  } catch (error) {
    await end(child)
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${printed}`, { cause: error })
  }
  return {
    url: `http://gochat.localhost:${port}`,
    stop: async () => {
      await end(child)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + readyMs
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok === true) return
    await wait(100)
  }
  throw new Error("the server did not become ready")
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  child.kill("SIGTERM")
  await gone
}
