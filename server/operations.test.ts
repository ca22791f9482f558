import { describe, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Ajv from "ajv"
import { parse } from "yaml"
import { z } from "zod"

const root = join(import.meta.dir, "..")
const read = (path: string) => readFileSync(join(root, path), "utf8")

/** A pipeline has it, or fails. */
const composeMissing = Bun.which("docker-compose") === null && process.env["CI"] !== "true"

async function run(command: string[], cwd: string) {
  const child = Bun.spawn(command, {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    stdin: "ignore",
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

const settings = {
  GO_CHAT_NAME: "chat.example.com",
  PREVIEW_DOMAIN: "preview.chat.example.com",
  DATA_DIR: "/srv/gochat",
  DOCKER_GID: "999",
  POSTGRES_PASSWORD: "secret",
}
const lines = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("")

const composed = z.object({
  services: z.record(z.string(), z.looseObject({ restart: z.string(), volumes: z.array(z.string()).optional() })),
})

describe.skipIf(composeMissing)("docker-compose.yml", () => {
  const config = (values: Record<string, string>, ...words: string[]) =>
    inScratch((folder) => {
      writeFileSync(join(folder, "docker-compose.yml"), read("docker-compose.yml"))
      writeFileSync(join(folder, ".env"), lines(values))
      return run(["docker-compose", ...words], folder)
    })

  test("is valid, and has each part with its folder at the same path inside and outside", async () => {
    expect(await config(settings, "config", "-q")).toMatchObject({ code: 0, err: "" })
    const all = await config(settings, "--profile", "gitlab", "--profile", "ollama", "config")
    const { services } = composed.parse(parse(all.out))
    expect(Object.keys(services).sort()).toEqual(["app", "caddy", "database", "gitlab", "gitlab-runner", "ollama"])
    expect(Object.values(services).map(({ restart }) => restart)).toEqual(Array(6).fill("unless-stopped"))
    expect(services["app"]?.volumes?.join(" ")).toContain("/srv/gochat:/srv/gochat")
  })

  test.each(Object.keys(settings))("without %s it says so", async (name) => {
    const { [name as keyof typeof settings]: _, ...rest } = settings
    const { code, err } = await config(rest, "config", "-q")
    expect(code).not.toBe(0)
    expect(err).toContain(name)
  })
})

const schemas = ["server/ports/forge/local/gitlab-ci.schema.json", "../shared/contracts/gitlab/ci.schema.json"]

describe(".gitlab-ci.yml", () => {
  const file: unknown = parse(read(".gitlab-ci.yml"))

  test.each(schemas)("is valid by %s", (path) => {
    // The second is not part of the project.
    if (!existsSync(join(root, path)) && path.startsWith("..")) return console.log(`not checked: there is no ${path}`)
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
    const check = ajv.compile(JSON.parse(read(path)))
    check(file)
    expect(check.errors ?? []).toEqual([])
    expect(check({ ...(file as object), image: { stage: 5 } })).toBe(false)
  })

  test("has its three stages, and a job for each", () => {
    expect(file).toMatchObject({ stages: ["test", "image", "deploy"] })
    const { proof, publish, deploy } = file as Record<string, unknown>
    expect([proof, publish, deploy]).toMatchObject([{ stage: "test" }, { stage: "image" }, { stage: "deploy" }])
  })
})
