import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createGoChatClient, type GoChatClient } from "../../shared/client.ts"
import { freePort } from "../lib/free-port.ts"

/** The server as an operator runs it: `bun server/main.ts` in a process of its own. */
export interface SpawnedServer {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  readonly pid: number
  /** Ends the process with a signal and waits until it is gone; the data stays. Returns its exit code. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>
  /** Starts it again on the same port and data. */
  restart(): Promise<void>
  /** Everything it has printed. */
  output(): string
  /** Ends it well and removes the data. */
  close(): Promise<void>
}

const projectRoot = join(import.meta.dir, "../..")
const readyMs = 60_000

/** Resolves when `/health/ready` answers. `PORT` chooses the port; what is changed in `env` holds from the next start. */
export async function spawnServer(env: Record<string, string> = {}): Promise<SpawnedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "go-chat-server-"))
  const port = env["PORT"] === undefined ? await freePort() : Number(env["PORT"])
  const url = `http://127.0.0.1:${port}`
  let printed = ""
  let child = start()
  await ready()

  function start() {
    // A .env of the person who runs the tests would bring their key and their database.
    const started = Bun.spawn(["bun", "--no-env-file", "server/main.ts"], {
      cwd: projectRoot,
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
      stdout: "pipe",
      stderr: "pipe",
    })
    void collect(started.stdout)
    void collect(started.stderr)
    return started
  }

  async function collect(stream: ReadableStream<Uint8Array>) {
    const decoder = new TextDecoder()
    for await (const chunk of stream) printed += decoder.decode(chunk, { stream: true })
  }

  async function ready() {
    const until = Date.now() + readyMs
    while (Date.now() < until) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${printed}`)
      const answer = await fetch(`${url}/health/ready`).catch(() => null)
      if (answer?.ok) return
      await Bun.sleep(50)
    }
    throw new Error(`the server did not become ready:\n${printed}`)
  }

  async function end(signal: "SIGTERM" | "SIGKILL") {
    child.kill(signal)
    await child.exited
    return child.exitCode
  }

  return {
    url,
    port,
    dataDir,
    get pid() {
      return child.pid
    },
    end,
    restart: async () => {
      child = start()
      await ready()
    },
    output: () => printed,
    close: async () => {
      // A killed server leaves its database; one that starts and ends well takes it along.
      if (child.exitCode === null && child.signalCode === null) await end("SIGTERM")
      else {
        child = start()
        await ready()
        await end("SIGTERM")
      }
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

interface SignedUp {
  /** Acts with the key. */
  client: GoChatClient
  apiKey: string
  cookie: string
}

/** Makes an account on a server and returns a client that acts for it. */
export async function signUp(url: string, name = "Pat"): Promise<SignedUp> {
  const answer = await fetch(`${url}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({
      name,
      email: `${name.toLowerCase()}-${Bun.randomUUIDv7()}@example.com`,
      password: "correct horse battery",
    }),
  })
  if (!answer.ok) throw new Error(`sign-up answered ${answer.status}: ${await answer.text()}`)
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ")
  const bySession = createGoChatClient({ url, cookie })
  const { key } = await bySession.account.keys.create.mutate({ name: "test" })
  return { client: createGoChatClient({ url, apiKey: key }), apiKey: key, cookie }
}
