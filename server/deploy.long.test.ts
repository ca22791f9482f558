import { describe, expect, test } from "bun:test"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import Docker from "dockerode"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { startRegistry } from "./testing/registry.ts"
import { makeTinyImage, moveToRegistry } from "./testing/tiny-image.ts"

const root = join(import.meta.dir, "..")
const read = (path: string) => readFileSync(join(root, path), "utf8")
const composeMissing = Bun.which("docker-compose") === null && process.env["CI"] !== "true"

async function run(command: string[], cwd: string, env: Record<string, string> = {}, input = "") {
  const child = Bun.spawn(command, {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, err }
}

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "gochatdeploy"))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(composeMissing || engineMissing() !== null)(".ci/deploy", () => {
  test("brings an image from a registry, and goes back when it does not become ready", async () => {
    const { host } = await testEngine()
    const docker = new Docker({ socketPath: host.slice("unix://".length) })
    const registry = await startRegistry()
    const name = `${registry.host}/gochat-deploy`
    const make = async (tag: string, code: number) => {
      await makeTinyImage(docker, `${name}-base`, tag)
      const bun = `FROM ${name}-base:${tag}\nRUN printf '#!/bin/sh\\nexit ${code}\\n' > /bin/bun && busybox chmod 755 /bin/bun\n`
      const built = await run(["docker", "--host", host, "build", "--tag", `${name}:${tag}`, "-"], root, {}, bun)
      expect(built).toMatchObject({ code: 0 })
      await moveToRegistry(docker, name, tag)
    }
    await inScratch(async (folder) => {
      const env = { DOCKER_HOST: host, COMPOSE: "docker-compose", DEPLOY_SECONDS: "2" }
      const compose = (...words: string[]) => run(["docker-compose", ...words], folder, env)
      const deploy = (tag: string) => run(["sh", "-s", "--", `${name}:${tag}`, folder], "/", env, read(".ci/deploy"))
      const running = async () => {
        const filters = JSON.stringify({ label: [`com.docker.compose.project=${basename(folder).toLowerCase()}`] })
        return (await docker.listContainers({ filters })).map(({ Image }) => Image)
      }
      const noWait = { init: true, network_mode: "none", stop_grace_period: "0s" }
      const app = { image: "${GO_CHAT_IMAGE}", command: ["sleep", "120"], ...noWait }
      writeFileSync(join(folder, "docker-compose.yml"), JSON.stringify({ services: { app } }))
      writeFileSync(join(folder, ".env"), "SECRET=kept\n", { mode: 0o600 })
      try {
        await Promise.all([make("good", 0), make("red", 1), make("newer", 0)])
        expect(await deploy("good")).toMatchObject({ code: 0, out: `Ready with ${name}:good.\n` })
        const red = await deploy("red")
        expect(red.code).toBe(1)
        expect(red.err).toContain(`Not ready with ${name}:red: back to ${name}:good.`)
        expect(await running()).toEqual([`${name}:good`])
        // One that cannot be fetched touches nothing.
        expect((await deploy("absent")).code).toBe(1)
        expect(await running()).toEqual([`${name}:good`])
        expect(await deploy("newer")).toMatchObject({ code: 0 })
        expect(await running()).toEqual([`${name}:newer`])
        expect(readFileSync(join(folder, ".env"), "utf8")).toBe(`SECRET=kept\nGO_CHAT_IMAGE=${name}:newer\n`)
      } finally {
        await compose("down", "--volumes", "--timeout", "0")
        for (const tag of ["good", "red", "newer"]) {
          for (const one of [`${name}:${tag}`, `${name}-base:${tag}`]) {
            await docker.getImage(one).remove({ force: true }).catch(() => {}) // prettier-ignore
          }
        }
        await registry.close()
      }
    })
  }, 120_000)
})
