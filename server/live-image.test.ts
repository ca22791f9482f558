import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { putBunImage } from "./testing/base-image.ts"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { type ImageChat, startImageChat } from "./testing/image-chat.ts"
import { until } from "./testing/until.ts"

/** Live apps beside a GitLab with a registry: the starters' own files build an image there, and that is what runs. */
setDefaultTimeout(180_000)

describe.skipIf(engineMissing() !== null)("live from the image that the checks pushed", () => {
  let place: ImageChat

  beforeAll(async () => {
    place = await startImageChat(await testEngine(), (registry, login) =>
      putBunImage(registry, "oven/bun:1.4.5", login),
    )
  })
  afterAll(() => place?.close())

  const releases = (projectId: string) => join(place.chat.server.dataDir, "releases", projectId)

  test("static: it runs, sleeps, wakes, is followed, comes back, and does without its image where it must", async () => {
    const { chat, registry, version, live, images } = place
    const { client, docker } = chat
    const { id: projectId } = await client.project.create.mutate({ title: "Shop", template: "static" })
    const isLive = (sha: string) =>
      until(async () => {
        const now = await client.sandbox.get.query({ projectId, kind: "live" })
        return now.sha === sha && now.state === "ready"
      }, 60_000)
    const word = async (url: string | null) => (await chat.open(`${url}/word.txt`)).text()

    const first = await version(projectId, { "word.txt": "first" })
    const { slug } = await client.project.get.query({ projectId })
    expect(first.image).toBe(`${registry.host}/go-chat/${slug}:${first.sha}`)
    const { url, reason } = await chat.start(projectId, "live", 60_000)
    expect(reason).toBeNull()
    expect(await word(url)).toBe("first")
    expect((await chat.open(`${url}/store/kept`, { method: "PUT", body: '"kept"' })).status).toBe(200)

    // As hardened as every app; but its files are its own.
    const [container] = await live(projectId)
    expect(container?.Config.Labels["gochat.pushed"]).toBe(first.image)
    expect(container?.Config.WorkingDir).toBe("/app")
    expect(container?.Mounts.map(({ Destination }) => Destination).sort()).toEqual(["/cache", "/data"])
    expect(container?.Mounts.every(({ Type }) => Type === "volume")).toBe(true)
    expect(container?.Config.User).not.toMatch(/^(0|root|)(:|$)/)
    expect(JSON.stringify(container?.Config.Env)).not.toContain("glpat-")
    expect(container?.HostConfig).toMatchObject({
      Memory: 2 * 1024 ** 3,
      MemorySwap: 2 * 1024 ** 3,
      NanoCpus: 1e9,
      PidsLimit: 512,
      CapDrop: ["ALL"],
      CapAdd: null,
      Privileged: false,
      ReadonlyRootfs: true,
      SecurityOpt: ["no-new-privileges:true"],
      PidMode: "",
      IpcMode: "private",
      RestartPolicy: { Name: "no" },
    })
    // Nothing was checked out for it, the registry was told who asks, and no other project can ask for it by its name.
    expect(existsSync(releases(projectId))).toBe(false)
    expect(registry.users).toContain("oauth2")
    await expect(docker.getImage(first.image).inspect()).rejects.toThrow(/no such image/i)

    // Awake again without the registry.
    const asked = registry.users.length
    await client.sandbox.stop.mutate({ projectId, kind: "live" })
    expect(await live(projectId)).toEqual([])
    expect(await word(url)).toBe("first")
    expect(registry.users.length).toBe(asked)

    const second = await version(projectId, { "word.txt": "second" })
    await isLive(second.sha)
    expect([await word(url), await (await chat.open(`${url}/store/kept`)).json()]).toEqual(["second", "kept"])
    await client.version.publish.mutate({ projectId, sha: first.sha })
    await isLive(first.sha)
    expect(await word(url)).toBe("first")
    expect(await images(projectId)).toEqual([first.image, second.image].sort())

    // An image without what it is started with.
    const broken = await version(projectId, { "word.txt": "broken", ".dockerignore": "server.js\n" })
    await client.version.publish.mutate({ projectId, sha: broken.sha })
    await isLive(broken.sha)
    const state = await client.sandbox.get.query({ projectId, kind: "live" })
    expect(state.reason).toStartWith("It runs from its files, because its image does not work here. ")
    expect(state.reason).toContain("server.js")
    expect([await word(url), existsSync(join(releases(projectId), broken.sha))]).toEqual(["broken", true])

    // Somebody cleared the engine, and the registry is gone.
    await client.sandbox.stop.mutate({ projectId, kind: "live" })
    const filters = JSON.stringify({ label: [`gochat.pushed=${first.image}`] })
    for (const { Id } of await docker.listImages({ filters })) await docker.getImage(Id).remove({ force: true })
    await registry.close()
    await client.version.publish.mutate({ projectId, sha: first.sha })
    const again = await chat.start(projectId, "live", 60_000)
    expect(again).toMatchObject({
      state: "ready",
      sha: first.sha,
      reason: `It runs from its files, because its image does not work here. The image ${first.image} could not be fetched: the registry did not answer.`,
    })
    expect(await word(url)).toBe("first")

    expect((await images(projectId)).length).toBeGreaterThan(0)
    await client.project.remove.mutate({ projectId })
    await until(async () => (await images(projectId)).length === 0)
    expect(await chat.left(projectId)).toEqual({ containers: 0, volumes: 0, networks: 0 })
  })
})
