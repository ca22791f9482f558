import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { type ContainedServer, startContainedServer } from "./testing/contained-server.ts"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { buildOwnImage } from "./testing/own-image.ts"
import { signUp } from "./testing/spawned-server.ts"
import { until } from "./testing/until.ts"

const missing = engineMissing() !== null || process.getuid?.() !== 0

/** The image that the Dockerfile makes: needs the package registry, and a minute or two. */
describe.skipIf(missing)("the image of Go Chat", () => {
  let engine: { host: string; image: string }
  let built: Awaited<ReturnType<typeof buildOwnImage>>
  const servers: ContainedServer[] = []

  beforeAll(async () => {
    engine = await testEngine()
    built = await buildOwnImage(engine.host, engine.image)
  }, 600_000)
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()))
    await built?.remove()
  }, 60_000)

  const start = async (env: Record<string, string>) => {
    const server = await startContainedServer({ host: engine.host, image: built.name, apps: engine.image, env })
    servers.push(server)
    return server
  }

  test("is healthy, serves the page, signs people up and ends well within ten seconds", async () => {
    const server = await start({ SANDBOX: "process" })
    const container = server.docker.getContainer(server.id)
    const { Config } = await container.inspect()
    expect(Config).toMatchObject({ Cmd: ["bun", "server/main.ts"], User: "1000:1000" })
    expect(await (await fetch(server.url)).text()).toContain("<div id=")
    const { client } = await signUp(server.url)
    expect(await client.project.list.query({})).toBeDefined()
    await until(async () => (await container.inspect()).State.Health?.Status === "healthy", 30_000)
    const { code, ms } = await server.stop()
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
  }, 120_000)

  test("runs apps on the engine that it runs on itself, in networks without a way out", async () => {
    const server = await start({ SANDBOX_EGRESS: "registry" })
    const { client, apiKey } = await signUp(server.url)
    const { id: projectId } = await client.project.create.mutate({})
    const { checks, draftUrl, liveUrl } = await client.build(projectId, "Build me an inventory tracker")
    expect(checks?.status).toBe("success")
    for (const url of [draftUrl, liveUrl]) {
      const headers = { host: new URL(url ?? "").host, "x-api-key": apiKey }
      expect(await (await fetch(server.url, { headers })).text()).toContain("<title>")
    }
    await server.stop()
    expect((await server.networks()).filter((name) => name.startsWith("gochat-"))).toEqual([])
  }, 120_000)
})
