import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import Docker from "dockerode"
import type { GoChatClient } from "../shared/client.ts"
import type { ProjectEvent } from "../shared/events.ts"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { type FaultEngine, faultEngine, faultEngineMissing } from "./testing/fault-engine.ts"
import { openPreview } from "./testing/open-preview.ts"
import { podmanEngine, podmanMissing } from "./testing/podman.ts"
import { type SpawnedServer, signUp, spawnServer } from "./testing/spawned-server.ts"
import { until } from "./testing/until.ts"

/** The main job with every app in a container, seen from outside, and what is left after something was killed. */
interface Chat {
  server: SpawnedServer
  client: GoChatClient
  apiKey: string
  docker: Docker
}

async function startChat(host: string, image: string, env: Record<string, string> = {}): Promise<Chat> {
  const docker = new Docker({ socketPath: host.slice("unix://".length) })
  const server = await spawnServer({ SANDBOX: "docker", DOCKER_HOST: host, SANDBOX_IMAGE: image, ...env })
  return { server, docker, ...(await signUp(server.url)) }
}

/** With the person's key. */
const open = ({ server, apiKey }: Chat, address: string | null, init: Parameters<typeof openPreview>[2] = {}) =>
  openPreview(server.port, address, { ...init, headers: { "x-api-key": apiKey, ...init.headers } })

/** Labels of what there is of a project in the engine, by kind. */
async function inEngine({ docker }: Chat, projectId: string) {
  const filters = JSON.stringify({ label: [`gochat.project=${projectId}`] })
  const [containers, { Volumes }, networks] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listVolumes({ filters }),
    docker.listNetworks({ filters }),
  ])
  return {
    kinds: containers.map(({ Labels }) => Labels["gochat.kind"] ?? "").sort(),
    running: containers.filter(({ State }) => State === "running").length,
    volumes: (Volumes ?? []).length,
    networks: networks.length,
  }
}

describe.skipIf(engineMissing() !== null)("projects in containers", () => {
  let chat: Chat
  let projectId: string
  let liveUrl: string
  const kindsSeen = new Set<string>()

  beforeAll(async () => {
    const { host, image } = await testEngine()
    chat = await startChat(host, image)
    projectId = (await chat.client.project.create.mutate({})).id
    const events = await chat.docker.getEvents({ filters: { type: ["container"], event: ["start"] } })
    events.on("data", (line: Buffer) => {
      const { Actor } = JSON.parse(line.toString()) as { Actor: { Attributes: Record<string, string> } }
      if (Actor.Attributes["gochat.project"] === projectId) kindsSeen.add(Actor.Attributes["gochat.kind"] ?? "")
    })
    stopEvents = () => (events as unknown as { destroy(): void }).destroy()
  }, 120_000)
  let stopEvents = () => {}
  afterAll(async () => {
    stopEvents()
    await chat?.server.close()
  }, 60_000)

  test("a wish becomes a version, checks, a draft and a live app, each in a container of its own", async () => {
    const built = await chat.client.build(projectId, "Build me an inventory tracker")
    expect(built.checks?.status).toBe("success")
    liveUrl = built.liveUrl ?? ""
    expect(await (await open(chat, built.draftUrl)).text()).toContain("<title>")
    expect(await (await open(chat, liveUrl)).text()).toContain("<title>")
    expect(await chat.client.system.info.query()).toMatchObject({ sandbox: { mode: "docker", isolation: "container" } })
    const { versions } = await chat.client.version.list.query({ projectId })
    const started = await chat.client.sandbox.start.mutate({ projectId, kind: "version", sha: versions[0]?.sha ?? "" })
    await until(async () => (await open(chat, started.url)).status === 200)
    expect([...kindsSeen].sort()).toEqual(["build", "draft", "live", "version"])
    expect((await inEngine(chat, projectId)).kinds).toEqual(["draft", "live", "version"])
  }, 60_000)

  test("asleep it is gone from the engine; the next request wakes it with its data", async () => {
    const put = { method: "PUT", body: JSON.stringify({ kept: true }), headers: { "content-type": "application/json" } }
    expect((await open(chat, `${liveUrl}/store/proof`, put)).ok).toBe(true)
    const { versions } = await chat.client.version.list.query({ projectId })
    const sha = versions[0]?.sha ?? ""
    for (const which of [{ kind: "draft" }, { kind: "live" }, { kind: "version", sha }] as const) {
      expect(await chat.client.sandbox.stop.mutate({ projectId, ...which })).toMatchObject({ state: "asleep" })
    }
    expect(await inEngine(chat, projectId)).toMatchObject({ kinds: [], networks: 0 })
    const began = performance.now()
    expect(await (await open(chat, `${liveUrl}/store/proof`)).json()).toEqual({ kept: true })
    expect(performance.now() - began).toBeLessThan(10_000)
  }, 30_000)

  test("a new version, and the way back, take over without a failed request", async () => {
    const answers = new Map<number, number>()
    const asking = new AbortController()
    const visitors = Array.from({ length: 4 }, async () => {
      while (!asking.signal.aborted) {
        const { status } = await open(chat, liveUrl)
        answers.set(status, (answers.get(status) ?? 0) + 1)
      }
    })
    const page = async () => (await open(chat, liveUrl)).text()
    const built = await chat.client.build(projectId, "Add a search field")
    expect(built.checks?.status).toBe("success")
    await until(async () => /type="search"/.test(await page()), 30_000)
    const { versions } = await chat.client.version.list.query({ projectId })
    await chat.client.version.publish.mutate({ projectId, sha: versions.at(-1)?.sha ?? "" })
    await until(async () => !/type="search"/.test(await page()), 30_000)
    asking.abort()
    await Promise.all(visitors)
    expect([...answers.keys()]).toEqual([200])
    expect(answers.get(200)).toBeGreaterThan(50)
  }, 90_000)

  test("after kill -9 of the server nothing is orphaned and nothing lost", async () => {
    await open(chat, liveUrl)
    expect((await inEngine(chat, projectId)).running).toBeGreaterThan(0)
    await chat.server.end("SIGKILL")
    await chat.server.restart()
    expect(await inEngine(chat, projectId)).toMatchObject({ kinds: [], networks: 0 })
    expect(await chat.client.sandbox.get.query({ projectId, kind: "live" })).toMatchObject({ state: "asleep" })
    expect(await (await open(chat, `${liveUrl}/store/proof`)).json()).toEqual({ kept: true })
  }, 60_000)

  test("a removed project leaves nothing", async () => {
    await chat.client.project.remove.mutate({ projectId })
    await until(async () => {
      const { kinds, volumes, networks } = await inEngine(chat, projectId)
      return kinds.length + volumes + networks === 0
    })
  }, 30_000)
})

test.skipIf(podmanMissing() !== null)(
  "Podman is an engine like Docker",
  async () => {
    const { host, image } = await podmanEngine()
    const chat = await startChat(host, image, { SANDBOX_EGRESS: "none" })
    try {
      const { id: projectId } = await chat.client.project.create.mutate({})
      const built = await chat.client.build(projectId, "Build me an inventory tracker")
      expect(built.checks?.status).toBe("success")
      expect(await (await open(chat, built.draftUrl)).text()).toContain("<title>")
      expect(await (await open(chat, built.liveUrl)).text()).toContain("<title>")
      expect((await inEngine(chat, projectId)).kinds).toEqual(["draft", "live"])
      await chat.client.sandbox.stop.mutate({ projectId, kind: "live" })
      expect((await open(chat, built.liveUrl)).status).toBe(200)
      await chat.client.project.remove.mutate({ projectId })
      await until(async () => {
        const { kinds, volumes, networks } = await inEngine(chat, projectId)
        return kinds.length + volumes + networks === 0
      })
    } finally {
      await chat.server.close()
    }
  },
  180_000,
)

describe.skipIf(faultEngineMissing() !== null)("an engine that goes away", () => {
  let engine: FaultEngine
  let chat: Chat
  beforeAll(async () => {
    engine = await faultEngine()
    chat = await startChat(engine.host, engine.image, { SANDBOX_EGRESS: "none" })
  }, 120_000)
  afterAll(async () => {
    await chat?.server.close()
    await engine?.stop()
  }, 60_000)

  test("is told in words, crashes nothing, and all goes on when it is back", async () => {
    const { client, server } = chat
    const projectId = (await client.project.create.mutate({})).id
    const built = await client.build(projectId, "Build me an inventory tracker")
    const put = { method: "PUT", body: "1", headers: { "content-type": "application/json" } }
    expect((await open(chat, `${built.liveUrl}/store/proof`, put)).ok).toBe(true)
    const news: ProjectEvent[] = []
    const watching = new AbortController()
    const watched = (async () => {
      for await (const event of client.watch(projectId, { signal: watching.signal })) news.push(event)
    })().catch(() => {})

    await engine.kill()
    await until(async () => {
      const { state, cause } = await client.sandbox.get.query({ projectId, kind: "draft" })
      return state === "failed" && cause === "engine"
    })
    const failed = await client.sandbox.start.mutate({ projectId, kind: "draft" })
    expect(failed).toMatchObject({
      state: "failed",
      cause: "engine",
      reason: expect.stringContaining("does not answer"),
    })
    const page = await open(chat, built.draftUrl, { headers: { accept: "text/html" } })
    expect(page.status).toBeGreaterThanOrEqual(502)
    expect(await page.text()).toContain("does not answer")
    await until(async () => {
      const health = (await (await fetch(`${server.url}/health`)).json()) as { status: string }
      return health.status === "degraded"
    })
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
    // The conversation goes on; its checks say what is wrong and can be run again.
    const again = await client.build(projectId, "Add a search field")
    expect(again.version?.number).toBe(2)
    expect(again.checks?.status).toBe("failed")
    expect(again.checks?.error).toContain("does not answer")

    // A project can be removed meanwhile; what it left goes later.
    const { id: gone } = await client.project.create.mutate({})
    await client.project.remove.mutate({ projectId: gone })

    await engine.restart()
    let draft = failed
    const isReady = async () =>
      (draft = await client.sandbox.start.mutate({ projectId, kind: "draft" })).state === "ready"
    await until(isReady, 30_000).catch(() => {})
    expect(draft).toMatchObject({ state: "ready", reason: null })
    expect(await (await open(chat, built.draftUrl)).text()).toMatch(/type="search"/)
    expect(await (await open(chat, `${built.liveUrl}/store/proof`)).json()).toBe(1)
    expect((await inEngine(chat, projectId)).kinds).toEqual(["draft", "live"])
    watching.abort()
    await watched
    expect(news.some((event) => event.type === "sandbox.changed" && event.state === "failed")).toBe(true)
  }, 120_000)
})
