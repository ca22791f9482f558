import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { administration } from "../../../../testing/gitlab/api/administration.ts"
import type { GitLabDouble } from "../../../../testing/gitlab/double.ts"
import { Kit } from "../../../../testing/gitlab/kit.ts"
import { until } from "../../../../testing/until.ts"
import { createGitLabClient } from "../client.ts"
import { checkSetup } from "../setup.ts"
import { readOptions } from "./options.ts"
import { setUpGitLab } from "./set-up.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
afterEach(() => kit.close())

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const asAdmin = (gitlab: GitLabDouble) => gitlab.addToken({ scopes: ["api", "admin_mode"] }).value

/** The script as somebody starts it. */
async function setup({ stdin, ...env }: Record<string, string>, ...words: string[]) {
  const script = join(import.meta.dir, "main.ts")
  const child = Bun.spawn([process.execPath, "--no-env-file", script, ...words], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: [new Blob([stdin ?? ""]), "pipe", "pipe"],
  })
  const [out, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { out, said, code }
}

const writes = (gitlab: GitLabDouble) =>
  gitlab.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`)

test("a new GitLab becomes one that works, and a second run changes nothing", async () => {
  const gitlab = await kit.gitlab({ localHooks: false, subPath: "/gitlab" })
  const admin = asAdmin(gitlab)
  const folder = await kit.folder()
  const [file, config] = [join(folder, ".env"), join(folder, "config.toml")]
  await writeFile(file, "# mine\nPUBLIC_URL=http://127.0.0.1:3000\nGITLAB_GROUP=company/apps\nGITLAB_TOKEN=\n")
  const env = { GITLAB_URL: `${gitlab.url}/`, GITLAB_ADMIN_TOKEN: admin }
  const run = () => setup(env, "--env", file, "--runner-config", config, "--close-signup", "--wait", "0")

  const first = await run()
  expect(first).toMatchObject({ code: 0, out: "" })
  expect(first.said).toContain("GitLab is ready for Go Chat.")
  const written = await readFile(file, "utf8")
  const token = /^GITLAB_TOKEN=(glpat-.+)$/m.exec(written)?.[1] ?? ""
  expect(written).toBe(
    `# mine\nPUBLIC_URL=http://127.0.0.1:3000\nGITLAB_GROUP=company/apps\nGITLAB_TOKEN=${token}\nGITLAB_URL=${gitlab.url}\n`,
  )
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(config)).mode & 0o777).toBe(0o600)
  const runner = Bun.TOML.parse(await readFile(config, "utf8"))
  expect(runner).toMatchObject({ runners: [{ url: gitlab.url, executor: "docker", docker: { privileged: false } }] })

  // What was made is what Go Chat needs.
  const { signup, allowlist, tokens } = administration(gitlab.world)
  expect([signup, allowlist, gitlab.settings.autoDevOps]).toEqual([false, "127.0.0.1", false])
  expect(gitlab.settings.localHooks).toBe(true)
  expect(tokens).toMatchObject([{ name: "go-chat", scopes: ["api"], accessLevel: 50 }])
  const client = createGitLabClient({ url: gitlab.url, token, retries: 0 })
  const input = { group: "company/apps", webhookUrl: "http://127.0.0.1:3000/webhooks/gitlab/p1" }
  expect(await checkSetup(client, input)).toEqual({ problems: [], warnings: [], version: "19.5.1" })

  const before = writes(gitlab).length
  const second = await run()
  expect(second.said).toEndWith("Everything was there.\n")
  expect(writes(gitlab).slice(before)).toEqual(["POST /gitlab/api/v4/runners/verify"])
  expect(await readFile(file, "utf8")).toBe(written)
  for (const secret of [admin, token, administration(gitlab.world).runners[0]?.token ?? "none"]) {
    expect(first.said + second.said + second.out).not.toContain(secret)
  }
  expect(written).not.toContain(admin)
  expect(gitlab.violations).toEqual([])
})

test("lines and the runner's command can be printed; what nobody can read any more is made anew on request only", async () => {
  const gitlab = await kit.gitlab()
  const folder = await kit.folder()
  const env = { GITLAB_URL: gitlab.url, GITLAB_ADMIN_TOKEN: asAdmin(gitlab) }
  const run = (...words: string[]) => setup(env, "--env", join(folder, ".env"), "--print", "--runner", ...words)
  const first = await run()
  expect(first.out).toMatch(
    /^GITLAB_URL=http.*\nGITLAB_TOKEN=glpat-.*\nGITLAB_GROUP=go-chat\ngitlab-runner register [^]*--token glrt-/,
  )
  const second = await run()
  expect(second).toMatchObject({ code: 0, out: "" })
  expect(second.said).toContain("--another")
  expect(administration(gitlab.world)).toMatchObject({ tokens: [{}], runners: [{}] })
  // The server itself has it in its environment, and no file.
  const token = /GITLAB_TOKEN=(.+)/.exec(first.out)?.[1] ?? ""
  const there = await setup({ ...env, GITLAB_TOKEN: token }, "--env", join(folder, ".env"), "--print")
  expect(there).toMatchObject({ code: 0, out: "" })
  expect(there.said).toEndWith("Everything was there.\n")
  const third = await run("--another")
  expect(third.out).toContain("GITLAB_TOKEN=")
  expect(third.out).not.toBe(first.out)
  expect(gitlab.violations).toEqual([])
})

test("the administrator's token may be piped in by the program that makes it", async () => {
  const gitlab = await kit.gitlab()
  const stdin = `a warning of that program\n${asAdmin(gitlab)}\n`
  const env = join(await kit.folder(), ".env")
  const { code, out, said } = await setup({ GITLAB_URL: gitlab.url, stdin }, "--env", env, "--print")
  expect(code).toBe(0)
  expect(out).toContain("GITLAB_TOKEN=glpat-")
  expect(said).not.toContain("glpat-")
})

test("a person types the administrator's token and does not see it", async () => {
  const gitlab = await kit.gitlab()
  const admin = asAdmin(gitlab)
  const env = join(await kit.folder(), ".env")
  let seen = ""
  const child = Bun.spawn([process.execPath, "--no-env-file", join(import.meta.dir, "main.ts"), "--env", env], {
    env: { PATH: process.env["PATH"], GITLAB_URL: gitlab.url },
    terminal: { cols: 200, rows: 20, data: (_, piece) => void (seen += new TextDecoder().decode(piece)) },
  })
  await until(() => seen.includes("Token of a GitLab administrator: "))
  child.terminal?.write(`${admin}x\u007f\r`)
  expect(await child.exited).toBe(0)
  await until(() => seen.includes("GitLab is ready for Go Chat."))
  expect(seen).not.toContain(admin.slice(0, 12))
  expect(await readFile(env, "utf8")).toContain("GITLAB_TOKEN=glpat-")
})

test("a token that ends soon, or that GitLab does not know any more, is replaced", async () => {
  const gitlab = await kit.gitlab()
  const file = join(await kit.folder(), ".env")
  const env = { GITLAB_URL: gitlab.url, GITLAB_ADMIN_TOKEN: asAdmin(gitlab) }
  const after = async (token: string) => {
    await writeFile(file, `GITLAB_TOKEN=${token}\n`)
    expect((await setup(env, "--env", file)).code).toBe(0)
    return /^GITLAB_TOKEN=(.+)$/m.exec(await readFile(file, "utf8"))?.[1]
  }
  const lasting = gitlab.addToken({ expiresAt: inDays(60) }).value
  expect(await after(lasting)).toBe(lasting)
  const ending = gitlab.addToken({ expiresAt: inDays(20) }).value
  expect(await after(ending)).not.toBe(ending)
  expect(await after("glpat-nobody-knows")).toStartWith("glpat-")
  expect(await after("glpat-nobody-knows")).not.toBe("glpat-nobody-knows")
})

test("it waits for a GitLab that starts, and for nothing that time does not heal", async () => {
  const gitlab = await kit.gitlab()
  const argv = ["--print", "--env", join(await kit.folder(), ".env")]
  const options = await readOptions(argv, "", async () => (name) => (name === "GITLAB_URL" ? gitlab.url : null))
  const said: string[] = []
  const voices = { say: (words: string) => void said.push(words), print: () => {} }
  await gitlab.away()
  gitlab.trouble({ path: /version/, trouble: { kind: "html", status: 502 } })
  const working = setUpGitLab({ ...options!, waitMs: 10_000 }, asAdmin(gitlab), voices, 10)
  await until(() => said.length > 0)
  await gitlab.back()
  expect(await working).toContain("Made an access token that lasts until " + inDays(364) + ".")
  expect(said[0]).toStartWith("Waiting for GitLab at ")
  expect(said.filter((words) => words.startsWith("Waiting"))).toHaveLength(1)

  const env = { GITLAB_URL: gitlab.url }
  const unknown = await setup({ ...env, GITLAB_ADMIN_TOKEN: "glpat-unknown-hush" }, ...argv)
  expect(unknown).toMatchObject({ code: 1, out: "" })
  expect(unknown.said).toBe(
    "GitLab does not accept this token. Make a new one for an administrator, with the scope “api”.\n",
  )
  // A token that is not an administrator's.
  const weak = await setup({ ...env, GITLAB_ADMIN_TOKEN: gitlab.token }, ...argv)
  expect(weak.said).toContain("Could not read GitLab's settings: GitLab answered 403")
  await gitlab.away()
  const away = await setup({ ...env, GITLAB_ADMIN_TOKEN: "glpat-x" }, ...argv, "--wait", "0")
  expect(away).toMatchObject({ code: 1 })
  expect(away.said).toContain("is not ready")
})

test.each([
  [{}, [], "GITLAB_URL=https://gitlab.example.com"],
  [{ GITLAB_URL: "gitlab.example.com" }, [], "Say where GitLab is"],
  [{ GITLAB_URL: "http://127.0.0.1:9" }, [], "GITLAB_ADMIN_TOKEN"],
  [{ GITLAB_URL: "http://127.0.0.1:9", GITLAB_GROUP: "/x" }, [], "path of a group"],
  [{ GITLAB_URL: "http://127.0.0.1:9" }, ["--wait", "soon"], "--wait takes minutes"],
  [{ GITLAB_URL: "http://127.0.0.1:9" }, ["--shout"], "bun run gitlab:setup [options]"],
])("with %o and %o it says what is missing", async (env, words, part) => {
  const { code, said } = await setup(env, "--env", "/nowhere/.env", ...words)
  expect(code).toBe(1)
  expect(said).toContain(part)
})
