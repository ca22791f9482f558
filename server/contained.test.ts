import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { GoChatClient } from "../shared/client.ts"
import { findEngine } from "./ports/sandbox/docker/engine.ts"
import { readInside } from "./ports/sandbox/docker/inside.ts"
import { checkoutBinds, type ContainedServer, startContainedServer } from "./testing/contained-server.ts"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { signUp } from "./testing/spawned-server.ts"
import { until } from "./testing/until.ts"

const missing = engineMissing() !== null || process.getuid?.() !== 0

describe.skipIf(missing)("a server in a container", () => {
  let server: ContainedServer
  let client: GoChatClient
  let apiKey: string
  let projectId: string
  let scratch: string

  beforeAll(async () => {
    const { host, image } = await testEngine()
    scratch = mkdtempSync(join(tmpdir(), "gochat-contained-"))
    server = await startContainedServer({
      host,
      image,
      apps: image,
      command: ["bun", "server/main.ts"],
      binds: checkoutBinds(join(import.meta.dir, ".."), scratch),
    })
    ;({ client, apiKey } = await signUp(server.url))
  }, 120_000)
  afterAll(async () => {
    await server?.close()
    if (scratch) rmSync(scratch, { recursive: true, force: true })
  }, 30_000)

  const open = (address: string | null) => {
    const { host, pathname } = new URL(address ?? "")
    return fetch(`${server.url}${pathname}`, { headers: { host, "x-api-key": apiKey }, redirect: "manual" })
  }
  const ownNetworks = async () => (await server.networks()).filter((name) => name.startsWith("gochat-"))

  test("a wish becomes a draft and a live app, which it reaches on their network", async () => {
    projectId = (await client.project.create.mutate({})).id
    const built = await client.build(projectId, "Build me an inventory tracker")
    expect(built.checks?.status).toBe("success")
    expect(await (await open(built.draftUrl)).text()).toContain("<title>")
    expect(await (await open(built.liveUrl)).text()).toContain("<title>")
    expect(await ownNetworks()).toHaveLength(1)
    expect(await server.output()).toContain("Run this as root on the machine of the engine: iptables")
  }, 60_000)

  test("no app gets through to it", async () => {
    const { docker } = server
    const filters = JSON.stringify({ label: [`gochat.project=${projectId}`] })
    const [draft] = await docker.listContainers({ filters })
    const own = Object.entries((await docker.getContainer(server.id).inspect()).NetworkSettings.Networks)
    const [, shared] = own.find(([name]) => name.startsWith("gochat-")) ?? []
    const url = `http://${shared?.IPAddress}:${new URL(server.url).port}/health/live`
    const engine = await findEngine({ host: (await testEngine()).host, dataDir: scratch })
    const command = ["curl", "-s", "--noproxy", "*", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", url]
    expect((await readInside(engine!, draft?.Id ?? "", command)).text).toBe("403")
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200)
  })

  test("asleep it has no end in their network, and it wakes", async () => {
    for (const kind of ["draft", "live"] as const) await client.sandbox.stop.mutate({ projectId, kind })
    await until(async () => (await ownNetworks()).length === 0)
    const { url } = await client.sandbox.start.mutate({ projectId, kind: "draft" })
    await until(async () => (await open(url)).status === 200, 20_000)
    expect(await ownNetworks()).toHaveLength(1)
  }, 60_000)

  test("a killed one leaves the networks tidy at its next start, and one that ends well at once", async () => {
    await server.docker.getContainer(server.id).kill({ signal: "SIGKILL" })
    await server.start()
    await until(async () => (await ownNetworks()).length === 0)
    const { url } = await client.sandbox.start.mutate({ projectId, kind: "draft" })
    await until(async () => (await open(url)).status === 200, 20_000)
    const { code, ms } = await server.stop()
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    expect(await ownNetworks()).toEqual([])
  }, 90_000)
})
