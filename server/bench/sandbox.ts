/**
 * `bun run bench:sandbox`: cold start, round trip of a command and wake time of a container beside the plain docker
 * CLI, and what the gateway adds to a direct connection. As ratios, both taken in turns on the same machine.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { createGoChatClient } from "../../shared/client.ts"
import { createDockerSandbox } from "../ports/sandbox/docker/create-docker-sandbox.ts"
import { findEngine } from "../ports/sandbox/docker/engine.ts"
import type { AppSpec, Endpoint, SandboxTarget } from "../ports/sandbox/port.ts"
import { testEngine } from "../testing/engine.ts"
import { startTestServer } from "../testing/server.ts"
import { machine } from "./machine.ts"
import { quantile } from "./quantile.ts"

const never = new AbortController().signal
const server = `Bun.serve({ hostname: "0.0.0.0", port: 3000, fetch: () => new Response("hi") })`
const { host, image } = await testEngine()
const home = mkdtempSync(join(tmpdir(), "gochat-bench-"))

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function cli(...args: string[]): Promise<string> {
  const child = Bun.spawn(["docker", "--host", host, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  const text = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error(`docker ${args[0]} failed`)
  return text.trim()
}

async function untilAnswers(url: string): Promise<void> {
  while (
    !(await fetch(url)
      .then((answer) => answer.ok)
      .catch(() => false))
  )
    await Bun.sleep(10)
}

/** Prints both and their ratio; the order of a pair changes, so that neither is always second. */
async function compare(name: string, rounds: number, ours: () => Promise<number>, plain: () => Promise<number>) {
  const [mine, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) mine.push(await ours())
    theirs.push(await plain())
    if (round % 2 === 1) mine.push(await ours())
  }
  const [a, b] = [quantile(mine, 0.5), quantile(theirs, 0.5)]
  const worst = quantile(mine, 0.95)
  console.log(
    `${name.padEnd(30)} ours ${a.toFixed(2).padStart(8)} ms (p95 ${worst.toFixed(2)})   plain ${b.toFixed(2).padStart(8)} ms   ratio ${(a / b).toFixed(2)}`,
  )
}

async function containers(): Promise<void> {
  const dataDir = join(home, "data")
  const engine = await findEngine({ host, dataDir })
  if (engine === null) throw new Error("there is no container engine")
  const limits = { memory: 512 * 1024 ** 2, cpus: 1, pids: 256, disk: 1024 ** 3, runtime: null }
  const sandbox = await createDockerSandbox({
    engine,
    dataDir,
    log: pino({ level: "warn" }),
    image,
    egress: "open",
    limits,
  })
  await sandbox.sweep(async (ids) => new Set(ids))
  let made = 0
  const target = (): SandboxTarget => ({ projectId: `bench-${made++}`, kind: "draft", ref: "" })
  const folders = ({ projectId }: SandboxTarget) => {
    const root = join(dataDir, "workspaces", projectId)
    mkdirSync(root, { recursive: true })
    writeFileSync(join(root, "server.ts"), server)
    return { root, dataDir: join(dataDir, "data", projectId) }
  }
  const app: AppSpec = {
    image: null,
    port: 3000,
    postCreateCommand: null,
    command: "bun server.ts",
    health: "/",
    env: {},
  }
  const start = (at: SandboxTarget): Promise<Endpoint> =>
    sandbox.start(at, { ...folders(at), app, onProgress: () => {}, onExit: () => {}, signal: never })
  const root = folders({ projectId: "plain", kind: "draft", ref: "" }).root
  const run = ["run", "-d", "-p", "127.0.0.1::3000", "-v", `${root}:/app`, "-w", "/app", image, "bun", "server.ts"]
  const address = async (id: string) => `http://${(await cli("port", id, "3000/tcp")).split("\n")[0]}`

  try {
    await compare(
      "cold start until it answers",
      7,
      async () => {
        const at = target()
        const ms = await timed(() => start(at))
        await sandbox.stop(at)
        return ms
      },
      async () => {
        let id = ""
        const ms = await timed(async () => {
          id = await cli(...run)
          await untilAnswers(await address(id))
        })
        await cli("rm", "-f", id)
        return ms
      },
    )
    const at = target()
    await start(at)
    const plain = await cli(...run)
    const exec = {
      ...folders(at),
      image: null,
      command: "true",
      timeoutMs: 10_000,
      maxOutputBytes: 1_000,
      signal: never,
    }
    await compare(
      "round trip of a command",
      25,
      () => timed(() => sandbox.exec(at, exec)),
      () => timed(() => cli("exec", plain, "true")),
    )
    await compare(
      "wake until it answers",
      7,
      async () => {
        await sandbox.stop(at)
        return timed(() => start(at))
      },
      async () => {
        await cli("stop", "-t", "0", plain)
        return timed(async () => {
          await cli("start", plain)
          await untilAnswers(await address(plain))
        })
      },
    )
    await cli("rm", "-f", plain)
  } finally {
    await sandbox.close()
    await sandbox.sweep(async () => new Set())
  }
}

async function throughGateway(): Promise<void> {
  const chat = await startTestServer({ SANDBOX: "docker", DOCKER_HOST: host, SANDBOX_IMAGE: image })
  try {
    const { apiKey } = await chat.signUp()
    const client = createGoChatClient({ url: chat.url, apiKey })
    const projectId = (await client.project.create.mutate({})).id
    const built = await client.build(projectId, "Build me an inventory tracker")
    const name = new URL(built.liveUrl ?? "").host
    const page = (path: string) => async () => {
      const answer = await fetch(`${chat.url}${path}`, { headers: { host: name } })
      if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`)
      await answer.arrayBuffer()
    }
    await page("/")()
    const endpoint = chat.services.sandboxes.liveEndpoint(projectId)
    if (endpoint === null) throw new Error("the live app does not run")
    const direct = (path: string) => async () => {
      await (await fetch(`http://${endpoint.host}:${endpoint.port}${path}`)).arrayBuffer()
    }
    for (const path of ["/", "/store/proof"]) {
      for (let warm = 0; warm < 200; warm++) await page(path)()
      await compare(
        `gateway, one request to ${path}`,
        1_000,
        () => timed(page(path)),
        () => timed(direct(path)),
      )
    }
  } finally {
    await chat.stop()
  }
}

try {
  console.log(machine())
  await containers()
  await throughGateway()
} finally {
  rmSync(home, { recursive: true, force: true })
}
process.exit(0)
