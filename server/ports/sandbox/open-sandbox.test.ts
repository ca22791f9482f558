import { afterAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { loadConfig } from "../../config.ts"
import { engineMissing, testEngine } from "../../testing/engine.ts"
import { openSandbox } from "./open-sandbox.ts"

const dataDir = mkdtempSync(join(tmpdir(), "gochat-open-"))
const nowhere = `unix://${join(dataDir, "nobody.sock")}`
const publicUrl = "https://chat.example.com"
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

async function open(env: Record<string, string>) {
  const sandbox = await openSandbox(loadConfig({ DATA_DIR: dataDir, ...env }), pino({ level: "silent" }), 100)
  await sandbox.close()
  return sandbox
}

test("processes where no engine answers, but not by themselves on a public address", async () => {
  expect((await open({ DOCKER_HOST: nowhere })).mode).toBe("process")
  await expect(open({ DOCKER_HOST: nowhere, PUBLIC_URL: publicUrl })).rejects.toThrow("only for people you trust")
  expect((await open({ SANDBOX: "process", PUBLIC_URL: publicUrl })).mode).toBe("process")
})

test("containers that were asked for by name are waited for, then missed", async () => {
  await expect(open({ SANDBOX: "docker", DOCKER_HOST: nowhere })).rejects.toThrow(
    `no container engine answers at ${nowhere}`,
  )
})

describe.skipIf(engineMissing() !== null)("where an engine answers", () => {
  test("containers, also on a public address; a runtime it does not know is refused at the start", async () => {
    const { host, image } = await testEngine()
    const env = { DOCKER_HOST: host, SANDBOX_IMAGE: image, PUBLIC_URL: publicUrl }
    expect(await open(env)).toMatchObject({ mode: "docker", isolation: "container" })
    expect((await open({ ...env, SANDBOX_RUNTIME: "runc" })).mode).toBe("docker")
    await expect(open({ ...env, SANDBOX_RUNTIME: "runsc" })).rejects.toThrow(/SANDBOX_RUNTIME is "runsc".*runc/)
  })
})
