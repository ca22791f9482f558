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
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string().optional(),
      restart: z.string(),
      volumes: z.array(z.string()).optional(),
      ports: z.array(z.unknown()).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      networks: z.record(z.string(), z.looseObject({ aliases: z.array(z.string()).optional() }).nullable()),
      healthcheck: z.looseObject({}).optional(),
    }),
  ),
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

  test.each(["gitlab", "ollama"])("the profile %s is valid", async (profile) => {
    expect(await config(settings, "--profile", profile, "config", "-q")).toMatchObject({ code: 0, err: "" })
  })

  test("GitLab has one name inside and outside, and Caddy in front on both ways", async () => {
    const names = { GITLAB_NAME: "git.example.com", REGISTRY_NAME: "images.example.com" }
    const { out } = await config({ ...settings, ...names }, "--profile", "gitlab", "config")
    const { services } = composed.parse(parse(out))
    const { gitlab, caddy, "gitlab-runner": runner } = services
    const omnibus = gitlab?.environment?.["GITLAB_OMNIBUS_CONFIG"] ?? ""
    expect(omnibus).toContain("external_url 'https://git.example.com'")
    expect(omnibus).toContain("registry_external_url 'https://images.example.com'")
    expect(caddy?.networks["front"]?.aliases).toEqual(["chat.example.com", "git.example.com", "images.example.com"])
    // The ports that Caddy is told are those that GitLab is told.
    const [at, registryAt] = [caddy?.environment?.["GITLAB_UPSTREAM"], caddy?.environment?.["REGISTRY_UPSTREAM"]]
    expect([at, registryAt]).toEqual(["gitlab:8929", "gitlab:5050"])
    expect(omnibus).toContain("\nnginx['listen_port'] = 8929\n")
    expect(omnibus).toContain("\nregistry_nginx['listen_port'] = 5050\n")
    for (const port of gitlab?.ports ?? []) expect(JSON.stringify(port)).toContain("127.0.0.1:")
    expect(gitlab?.healthcheck).toBeDefined()
    expect(runner?.volumes?.join(" ")).toContain("/srv/gochat/gitlab-runner:/etc/gitlab-runner")
    for (const one of [gitlab, runner]) expect(one?.image).toMatch(/:v?\d+\.\d+\.\d+/)
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
