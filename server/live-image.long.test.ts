import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import Docker from "dockerode"
import { putBunImage, putShellImage } from "./testing/base-image.ts"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { type ImageChat, startImageChat } from "./testing/image-chat.ts"
import { pushAs } from "./testing/registry-push.ts"

/** The starters whose images begin with much: with what the image of the tests has of Python, Flask and Go. */
setDefaultTimeout(400_000)

describe.skipIf(engineMissing() !== null)("live from the image that the checks pushed", () => {
  let place: ImageChat

  beforeAll(async () => {
    const engine = await testEngine()
    const docker = new Docker({ socketPath: engine.host.slice("unix://".length) })
    place = await startImageChat(engine, async (registry, login) => {
      for (const name of ["python:3.13-slim", "golang:1.25"]) {
        await pushAs(docker, engine.image, `${registry.host}/library/${name}`, login)
      }
      await putShellImage(registry, "library/alpine:3.22", login)
      await putBunImage(registry, "oven/bun:1.4.5", login)
    })
  })
  afterAll(() => place?.close())

  test("react: what the browser gets was made in the image", async () => {
    const { chat, version, live } = place
    const { id: projectId } = await chat.client.project.create.mutate({ title: "Screens", template: "react" })
    const { image } = await version(projectId, { "src/word.js": "export const word = 'first'\n" })
    const { url, reason } = await chat.start(projectId, "live", 60_000)
    expect(reason).toBeNull()
    const [script] = /\/assets\/[\w-]+\.js/.exec(await (await chat.open(url)).text()) ?? []
    expect((await chat.open(`${url}${script}`)).status).toBe(200)
    expect((await live(projectId)).map(({ Config }) => Config.Labels["gochat.pushed"])).toEqual([image])
    expect(existsSync(join(chat.server.dataDir, "releases", projectId))).toBe(false)
  })

  test.each([
    ["python-flask", "word.txt", "first"],
    ["go", "web/word.txt", "first"],
  ])("%s", async (template, path, text) => {
    const { chat, version, live } = place
    const { id: projectId } = await chat.client.project.create.mutate({ title: template, template })
    const { image } = await version(projectId, { [path]: text })
    const { url, reason } = await chat.start(projectId, "live", 60_000)
    expect(reason).toBeNull()
    expect(await (await chat.open(url)).text()).toContain("<title>")
    expect((await chat.open(`${url}/store/kept`, { method: "PUT", body: '"kept"' })).status).toBe(200)
    expect(await (await chat.open(`${url}/store/kept`)).json()).toBe("kept")
    const [container, ...more] = await live(projectId)
    expect([container?.Config.Labels["gochat.pushed"], more.length]).toEqual([image, 0])
    expect(container?.Config.WorkingDir).toBe("/app")
    expect(existsSync(join(chat.server.dataDir, "releases", projectId))).toBe(false)
  })
})
