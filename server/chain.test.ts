import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { finishedStatuses } from "../shared/build.ts"
import type { GoChatClient } from "../shared/client.ts"
import type { ProjectEvent } from "../shared/events.ts"
import type { Version } from "../shared/version.ts"
import { emptyState, fromHistory, reduce } from "../shared/reduce.ts"
import { openPreview } from "./testing/open-preview.ts"
import { type SpawnedServer, signUp, spawnServer } from "./testing/spawned-server.ts"

/** The main job on embedded defaults: the demo answers, everything else is real. */
let server: SpawnedServer
let client: GoChatClient
let apiKey: string
let projectId: string

beforeAll(async () => {
  server = await spawnServer()
  ;({ client, apiKey } = await signUp(server.url))
  projectId = (await client.project.create.mutate({})).id
}, 120_000)
afterAll(() => server.close(), 60_000)

const open = (address: string, headers: Record<string, string> = {}) => openPreview(server.port, address, { headers })

/** A live address answers as soon as its new version is up; until then the gateway holds the request. */
const read = async (address: string, headers?: Record<string, string>) => (await open(address, headers)).text()

describe("from a sentence to a running app", () => {
  test("a wish becomes a version, green checks and a live link", async () => {
    const seen: ProjectEvent[] = []
    const built = await client.build(projectId, "Build me an inventory tracker", {
      onEvent: (event) => seen.push(event),
    })
    // The version as it is now, not as it was made: with its checks, and live.
    expect(built.version).toMatchObject({ number: 1, buildStatus: "success", live: true })
    expect((await client.version.list.query({ projectId })).versions).toEqual([built.version as Version])
    expect(built.checks?.status).toBe("success")
    expect(built.message.content.length).toBeGreaterThan(40)
    expect(built.message.codeBlocks.length).toBeGreaterThan(0)
    expect(built.draftUrl).toContain("draft--")
    expect(built.liveUrl).not.toBeNull()
    expect(await read(built.liveUrl ?? "")).toContain("<title>")

    // Everything that was seen, in order and without a gap, makes the same state as a fresh snapshot.
    expect(seen.map((event) => event.seq)).toEqual(seen.map((_, index) => (seen[0]?.seq ?? 0) + index))
    const history = await client.chat.history.query({ projectId })
    const told = seen.filter((event) => event.seq <= history.seq).reduce(reduce, emptyState)
    expect(told.messages).toEqual(fromHistory(history).messages)
    const project = await client.project.get.query({ projectId })
    expect(project).toMatchObject({ status: "ready", liveSha: built.version?.sha, pinned: false, messageCount: 2 })
    expect(project.slug).toMatch(/^[a-z0-9-]+$/)
  }, 60_000)

  test("the draft is for members: a key opens it, nobody else", async () => {
    const { draftUrl } = await client.project.get.query({ projectId })
    expect((await open(draftUrl ?? "")).status).toBe(401)
    const page = await open(draftUrl ?? "", { "x-api-key": apiKey, accept: "text/html" })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain("/__gochat/preview.js")
  }, 30_000)

  test("data of the live app stays over a new version; the follow-up edits the files", async () => {
    const { liveUrl } = await client.project.get.query({ projectId })
    const store = new URL("/store/proof", liveUrl ?? "").href
    const put = await fetch(`http://127.0.0.1:${server.port}/store/proof`, {
      method: "PUT",
      headers: { host: new URL(store).host, "content-type": "application/json" },
      body: JSON.stringify({ kept: true }),
    })
    expect(put.ok).toBe(true)
    const built = await client.build(projectId, "Add a search field")
    expect(built.version?.number).toBe(2)
    expect(built.checks?.status).toBe("success")
    expect(await read(built.liveUrl ?? "")).toMatch(/type="search"/)
    expect(await (await open(store)).json()).toEqual({ kept: true })
    const { files } = await client.version.diff.query({ projectId, sha: built.version?.sha ?? "" })
    expect(files.some((file) => file.change === "modified" && file.patch.includes("search"))).toBe(true)
  }, 60_000)

  test("going back makes a new version that is itself undoable", async () => {
    const { versions } = await client.version.list.query({ projectId })
    const [second, first] = versions
    if (first === undefined || second === undefined) throw new Error("two versions were expected")
    const watched = followBuild()
    const restored = await client.version.restore.mutate({ projectId, sha: first.sha })
    expect(restored.number).toBe(3)
    expect(await watched(restored.sha)).toBe("success")
    const page = await client.file.read.query({ projectId, path: "index.html" })
    expect(page.content).not.toMatch(/type="search"/)
    const again = await client.version.restore.mutate({ projectId, sha: second.sha })
    expect((await client.file.read.query({ projectId, path: "index.html" })).content).toMatch(/type="search"/)
    expect(await followBuild()(again.sha)).toBe("success")
  }, 60_000)

  test("publishing an older version pins live to it; unpinning follows the newest again", async () => {
    const { versions } = await client.version.list.query({ projectId })
    const oldest = versions.at(-1)
    await client.version.publish.mutate({ projectId, sha: oldest?.sha ?? "" })
    expect(await client.project.get.query({ projectId })).toMatchObject({ pinned: true, liveSha: oldest?.sha })
    await client.version.unpin.mutate({ projectId })
    expect(await client.project.get.query({ projectId })).toMatchObject({ pinned: false, liveSha: versions[0]?.sha })
  }, 30_000)

  test("the repository can be cloned with a key and downloaded as a zip", async () => {
    const { slug } = await client.project.get.query({ projectId })
    const folder = await mkdtemp(join(tmpdir(), "go-chat-clone-"))
    try {
      const address = `http://me:${apiKey}@127.0.0.1:${server.port}/git/${slug}.git`
      const clone = Bun.spawn(["git", "clone", "-q", address, "copy"], { cwd: folder, stderr: "pipe" })
      expect(await clone.exited).toBe(0)
      expect(await readFile(join(folder, "copy", "index.html"), "utf8")).toContain("<title>")
      const stranger = Bun.spawn(["git", "clone", "-q", address.replace(apiKey, "wrong"), "none"], {
        cwd: folder,
        stderr: "ignore",
        env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
      })
      expect(await stranger.exited).not.toBe(0)
      const zip = await fetch(`${server.url}/files/${projectId}.zip`, { headers: { "x-api-key": apiKey } })
      expect(zip.status).toBe(200)
      expect(new Uint8Array(await zip.arrayBuffer()).slice(0, 2)).toEqual(new Uint8Array([0x50, 0x4b]))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }, 30_000)

  test("an unknown wish gets an honest sentence and no version", async () => {
    const other = await client.project.create.mutate({})
    const built = await client.build(other.id, "Write a poem about the sea")
    expect(built.version).toBeNull()
    expect(built.message.content.toLowerCase()).toContain("inventory")
    await client.project.remove.mutate({ projectId: other.id })
    await expect(client.project.get.query({ projectId: other.id })).rejects.toThrow()
  }, 30_000)
})

/** Watches from now on; the returned function waits until the build of a version is over. */
function followBuild() {
  return async (sha: string) => {
    for await (const event of client.watch(projectId)) {
      if (event.type !== "build.changed" || event.build.sha !== sha) continue
      if (finishedStatuses.includes(event.build.status)) return event.build.status
    }
    return null
  }
}
