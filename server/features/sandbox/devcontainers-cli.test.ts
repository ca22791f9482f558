import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { z } from "zod"
import { callEngine } from "../../testing/engine-call.ts"
import { engineMissing, type TestEngine, testEngine } from "../../testing/engine.ts"
import { offeredTemplates, templateFiles } from "../project/templates.ts"
import { devcontainerPath } from "./devcontainer-file.ts"

/** The reference implementation of the specification reads what an editor would open. */
const cli = join(import.meta.dir, "../../../node_modules/@devcontainers/cli/devcontainer.js")
const names = offeredTemplates("docker").map(({ name }) => name)
const inPipeline = process.env["CI"] === "true"
const missing = engineMissing() ?? (Bun.which("docker") === null ? "the docker command is not installed" : null)
const skipped = missing !== null && !inPipeline
if (skipped) console.warn(`Starters are not opened with @devcontainers/cli: ${missing}`)

const home = mkdtempSync(join(tmpdir(), "gochat-devcontainers-"))
let engine: TestEngine

beforeAll(async () => {
  if (!skipped) engine = await testEngine()
}, 120_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

function copyOf(name: string): string {
  const root = mkdtempSync(join(home, `${name}-`))
  for (const { path, bytes } of templateFiles(name)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
  return root
}

async function devcontainer(...args: string[]): Promise<string> {
  const run = Bun.spawn([process.execPath, cli, ...args], {
    env: { ...process.env, DOCKER_HOST: engine.host, HOME: home },
    stdout: "pipe",
    stderr: "pipe",
  })
  const [said, why, code] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ])
  if (code !== 0) throw new Error(`devcontainer ${args[0]}: ${why}\n${said}`)
  return said
}

const configuration = z.object({
  configuration: z.object({ image: z.string(), forwardPorts: z.array(z.number()), customizations: z.looseObject({}) }),
})
const started = z.object({ outcome: z.literal("success"), containerId: z.string() })
const inspected = z.object({
  State: z.object({ Running: z.boolean() }),
  Config: z.object({ Env: z.array(z.string()) }),
})

/** Also what a start that failed left. */
async function removeByLabel(label: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
  const answer = await callEngine(engine.host, `/containers/json?all=true&filters=${filters}`)
  for (const { Id } of z.array(z.object({ Id: z.string() })).parse(await answer.json())) {
    await callEngine(engine.host, `/containers/${Id}?force=true&v=true`, { method: "DELETE" })
  }
}

test.skipIf(skipped)(
  "read-configuration accepts each starter",
  async () => {
    const read = await Promise.all(
      names.map(async (name) => devcontainer("read-configuration", "--workspace-folder", copyOf(name))),
    )
    for (const text of read) {
      const { configuration: found } = configuration.parse(JSON.parse(text))
      expect(found.forwardPorts).toEqual([3000])
      expect(found.customizations).toHaveProperty("gochat.start")
    }
    expect(read).toHaveLength(4)
  },
  30_000,
)

test.skipIf(skipped)(
  "up starts each starter on an image that is there",
  async () => {
    await Promise.all(
      names.map(async (name) => {
        const root = copyOf(name)
        const file = join(root, devcontainerPath)
        const { features: _, ...own } = z
          .looseObject({ features: z.unknown().optional() })
          .parse(await Bun.file(file).json())
        // What is installed comes from a network, and an image for other people's accounts would have to be built.
        const local = { image: engine.image, updateRemoteUserUID: false }
        writeFileSync(
          file,
          JSON.stringify({ ...own, ...local, ...(name === "react" && { postCreateCommand: "true" }) }),
        )
        const label = `gochat.test.up=${crypto.randomUUID()}`
        try {
          const where = ["--workspace-folder", root, "--id-label", label, "--docker-path", "docker"]
          const { containerId } = started.parse(JSON.parse(await devcontainer("up", ...where)))
          const answer = await callEngine(engine.host, `/containers/${containerId}/json`)
          const { State, Config } = inspected.parse(await answer.json())
          expect(State.Running, name).toBe(true)
          if (name === "python-flask") expect(Config.Env).toContain("PYTHONPATH=.packages")
        } finally {
          await removeByLabel(label)
        }
      }),
    )
  },
  60_000,
)
