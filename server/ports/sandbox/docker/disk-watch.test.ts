import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { engineMissing, testEngine } from "../../../testing/engine.ts"
import type { Sandbox } from "../port.ts"
import { createDockerSandbox } from "./create-docker-sandbox.ts"
import { DiskWatch } from "./disk-watch.ts"
import { findEngine } from "./engine.ts"

const megabyte = 1024 ** 2

test("files without a byte count, too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gochat-files-"))
  const watch = new DiskWatch(
    folder,
    50 * 4096,
    () => new Map(),
    () => {},
  )
  try {
    for (let index = 0; index < 40; index++) writeFileSync(join(folder, `f${index}`), "")
    expect(await watch.problem([folder])).toBeNull()
    for (let index = 40; index < 60; index++) writeFileSync(join(folder, `f${index}`), "")
    expect(await watch.problem([folder])).toContain("has 61 files and folders and may have 50")
  } finally {
    await watch.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

describe.skipIf(engineMissing() !== null)("in a container", () => {
  let dataDir: string
  let sandbox: Sandbox

  beforeAll(async () => {
    const { host, image } = await testEngine()
    dataDir = mkdtempSync(join(tmpdir(), "gochat held "))
    const engine = (await findEngine({ host, dataDir }))!
    const limits = { memory: 128 * megabyte, cpus: 1, pids: 64, disk: 20 * megabyte, runtime: null }
    sandbox = await createDockerSandbox({
      engine,
      dataDir,
      log: pino({ level: "silent" }),
      image,
      egress: "none",
      limits,
    })
  }, 60_000)
  afterAll(async () => {
    await sandbox?.close()
    await sandbox?.sweep(async () => new Set())
    if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true })
  })

  test("files that were removed but are still open count, and no others", async () => {
    const root = join(dataDir, "workspace")
    mkdirSync(root)
    const run = (command: string) =>
      sandbox.exec(
        { projectId: "00000000-0000-4000-8000-000000000001", kind: "draft", ref: "" },
        {
          root,
          dataDir: join(dataDir, "data"),
          image: null,
          command,
          timeoutMs: 15_000,
          maxOutputBytes: 10_000,
          signal: new AbortController().signal,
        },
      )
    const hold = (file: number, name: string) =>
      `exec ${file}>${name}; rm ${name}; head -c 12000000 /dev/zero >&${file}`
    expect(await run(`${hold(3, "a")}; exec 3>&-; ${hold(3, "b")}; sleep 4.5`)).toMatchObject({ ended: "exit" })
    expect(await run(`${hold(3, "a")}; ${hold(4, "/data/b")}; sleep 14`)).toMatchObject({ ended: "killed" })
  }, 40_000)
})
