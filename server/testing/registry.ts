import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "../lib/free-port.ts"
import { until } from "./until.ts"

export interface Login {
  user: string
  password: string
}

/** A registry of images on loopback (Debian: docker-registry), empty, with a gate in front that can be slow. */
export interface TestRegistry {
  /** `127.0.0.1:<port>`, the first part of a name of its images. */
  readonly host: string
  /** Requests for manifests and for layers so far. */
  readonly asked: { manifests: number; layers: number }
  /** Who asked for manifests; null: nobody that says who. */
  readonly users: readonly (string | null)[]
  /** How layers come: at once, in small pieces, the first half only, or nothing is answered at all. */
  gate: "open" | "slow" | "half" | "silent"
  /** Reading requests that are still open. */
  readonly open: number
  close(): Promise<void>
}

const pieces = 40
const pieceMs = 25

/** With a login nothing is given, and nothing taken, without it. */
export async function startRegistry(logins: Login[] = []): Promise<TestRegistry> {
  const program = Bun.which("docker-registry")
  if (program === null) throw new Error("The tests need a registry (Debian: apt-get install docker-registry)")
  const folder = await mkdtemp(join(tmpdir(), "registry-"))
  const address = `127.0.0.1:${await freePort()}`
  const storage = { filesystem: { rootdirectory: join(folder, "images") } }
  const path = join(folder, "logins")
  const lines = logins.map(({ user, password }) => `${user}:${Bun.password.hashSync(password, { algorithm: "bcrypt", cost: 4 })}`) // prettier-ignore
  await Bun.write(path, lines.join("\n"))
  const auth = logins.length === 0 ? {} : { auth: { htpasswd: { realm: "tests", path } } }
  const settings = { version: 0.1, storage, http: { addr: address }, ...auth }
  await Bun.write(join(folder, "config.yml"), JSON.stringify(settings))
  const running = Bun.spawn([program, "serve", join(folder, "config.yml")], { stdio: ["ignore", "ignore", "ignore"] })
  const answers = () => fetch(`http://${address}/v2/`).then((response) => response.ok || response.status === 401, () => false) // prettier-ignore
  await until(answers)
  const asked = { manifests: 0, layers: 0 }
  const users: (string | null)[] = []
  let open = 0
  // Node's server keeps the length of what comes in pieces.
  const gate = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reading = request.method === "GET"
    if (request.url?.includes("/manifests/")) users.push(userOf(request.headers.authorization))
    const layer = reading && request.url?.includes("/blobs/") === true
    if (reading && request.url?.includes("/manifests/")) asked.manifests++
    if (layer) asked.layers++
    open++
    const gone = new Promise<void>((resolve) => response.once("close", resolve)).then(() => void open--)
    if (registry.gate === "silent") return gone
    const body = await Array.fromAsync(request as AsyncIterable<Uint8Array>)
    const inner = await fetch(`http://${address}${request.url}`, {
      method: request.method ?? "GET",
      headers: request.headers as Record<string, string>,
      body: reading || request.method === "HEAD" ? null : Buffer.concat(body),
      redirect: "manual",
    })
    const bytes = await inner.bytes()
    const headers = Object.fromEntries(inner.headers)
    response.writeHead(
      inner.status,
      request.method === "HEAD" ? headers : { ...headers, "content-length": bytes.length },
    )
    // Small ones are the settings of an image, not its layers.
    if (!layer || registry.gate === "open" || bytes.length < 10_000) return void response.end(bytes)
    const size = Math.ceil(bytes.length / pieces)
    for (let sent = 0; sent < bytes.length && !response.destroyed; sent += size) {
      if (registry.gate === "half" && sent > bytes.length / 2) return gone
      await Bun.sleep(pieceMs)
      response.write(bytes.subarray(sent, sent + size))
    }
    response.end()
  }

  const port = await freePort()
  await new Promise<void>((resolve) => gate.listen(port, "127.0.0.1", resolve))

  const registry: TestRegistry = {
    host: `127.0.0.1:${port}`,
    asked,
    users,
    gate: "open",
    get open() {
      return open
    },
    close: async () => {
      gate.closeAllConnections()
      gate.close()
      running.kill()
      await running.exited
      await rm(folder, { recursive: true, force: true })
    },
  }
  return registry
}

const userOf = (authorization: string | undefined): string | null =>
  authorization === undefined ? null : (atob(authorization.replace("Basic ", "")).split(":")[0] ?? null)
