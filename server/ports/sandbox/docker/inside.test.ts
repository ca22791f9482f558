import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { engineMissing, testEngine } from "../../../testing/engine.ts"
import { removeContainer } from "./container.ts"
import { type Engine, findEngine } from "./engine.ts"
import { readInside } from "./inside.ts"

const megabyte = 1024 ** 2

/** The shell and the tools in a container are those of the app's image: what they say is not to be trusted. */
describe.skipIf(engineMissing() !== null)("a small command of ours", () => {
  let folder: string
  let engine: Engine
  let id: string

  beforeAll(async () => {
    const found = await testEngine()
    folder = mkdtempSync(join(tmpdir(), "gochat-inside-"))
    engine = (await findEngine({ host: found.host, dataDir: folder }))!
    const container = await engine.docker.createContainer({
      Image: found.image,
      Entrypoint: [],
      Cmd: ["/bin/sleep", "60"],
      HostConfig: { NetworkMode: "none", Memory: 64 * megabyte, PidsLimit: 32 },
    })
    id = container.id
    await container.start()
  }, 60_000)
  afterAll(async () => {
    if (id !== undefined) await removeContainer(engine, id)
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  test("says what it prints and its code", async () => {
    expect(await readInside(engine, id, ["/bin/sh", "-c", "echo one; exit 3"])).toEqual({ code: 3, text: "one\n" })
  })

  test("that floods is cut soon and has no code", async () => {
    const { code, text } = await readInside(engine, id, ["/usr/bin/head", "-c", String(200 * megabyte), "/dev/zero"])
    expect(code).toBeNull()
    expect(text.length).toBeLessThan(megabyte)
  })

  test("that hangs is given up, and what it says later goes nowhere", async () => {
    const late = 'sleep 1; head -c 200000000 /dev/zero; echo $? > "/tmp/late"'
    const before = process.memoryUsage().rss
    const asked = readInside(engine, id, ["/bin/sh", "-c", late], 300)
    expect(await asked.catch((error: unknown) => String(error))).toContain("no answer")
    await Bun.sleep(2_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * megabyte)
  })
})
