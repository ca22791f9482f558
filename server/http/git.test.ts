import { unzipSync } from "fflate"
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createGoChatClient, type GoChatClient } from "../../shared/client.ts"
import { startTestServer, type TestServer } from "../testing/server.ts"

let server: TestServer
let scratch: string
let mia: { apiKey: string; cookie: string; client: GoChatClient }
let ben: { apiKey: string; cookie: string }
let projectId: string
let slug: string
let firstSha: string
let newestSha: string

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "gochat-clone-"))
  server = await startTestServer()
  const account = await server.signUp()
  mia = { ...account, client: createGoChatClient({ url: server.url, apiKey: account.apiKey }) }
  ben = await server.signUp()
  const project = await mia.client.project.create.mutate({ title: "Quiz night" })
  projectId = project.id
  slug = project.slug ?? ""
  const first = await mia.client.file.write.mutate({ projectId, path: "größe/ä b.txt", content: "one\n" })
  firstSha = first.version?.sha ?? ""
  // Compresses badly: more than one pipe buffer has to pass.
  const noise = Array.from({ length: 50_000 }, () => Math.random().toString(36).slice(2, 20))
    .join("\n")
    .slice(0, 900_000)
  const second = await mia.client.file.write.mutate({ projectId, path: "noise.txt", content: noise })
  newestSha = second.version?.sha ?? ""
})
afterAll(async () => {
  await server.stop()
  rmSync(scratch, { recursive: true, force: true })
})

/** A person's git, which has never heard of this server. Beside us: the server answers from this process. */
async function run(args: string[], cwd = scratch): Promise<{ code: number; out: string; errors: string }> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: scratch, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" }
  const git = Bun.spawn(["git", "-c", "core.quotePath=false", ...args], { cwd, env, stdout: "pipe", stderr: "pipe" })
  const [out, errors, code] = await Promise.all([
    new Response(git.stdout).text(),
    new Response(git.stderr).text(),
    git.exited,
  ])
  return { code, out, errors }
}

/** The git processes of this server that work for the project now. */
function serving(): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")
      return words[0]?.endsWith("git") && words.some((word) => word.includes(`${projectId}.git`))
        ? [words.join(" ")]
        : []
    } catch {
      return []
    }
  })
}
const address = (key: string, name = slug) =>
  `${server.url.replace("http://", `http://anybody:${key}@`)}/git/${name}.git`
const at = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers })

describe("git over HTTP", () => {
  for (const protocol of ["2", "0"]) {
    test(`clone and fetch with a key as the password, protocol ${protocol}`, async () => {
      const folder = join(scratch, `clone-${protocol}`)
      const cloned = await run(["-c", `protocol.version=${protocol}`, "clone", "-q", address(mia.apiKey), folder])
      expect(cloned).toEqual({ code: 0, out: "", errors: "" })
      expect(readFileSync(join(folder, "größe/ä b.txt"), "utf8")).toBe("one\n")
      expect((await run(["log", "-1", "--format=%s|%an"], folder)).out).toMatch(/^Edited (noise|more-2).txt\|/)
      const { version } = await mia.client.file.write.mutate({ projectId, path: `more-${protocol}.txt`, content: "x" })
      expect((await run(["-c", `protocol.version=${protocol}`, "pull", "-q"], folder)).code).toBe(0)
      expect((await run(["rev-parse", "HEAD"], folder)).out.trim()).toBe(version?.sha ?? "")
      expect((await run(["fsck", "--strict"], folder)).code).toBe(0)
    })
  }

  test("a request that git packs is read (gzip), and the key may be a header", async () => {
    const folder = join(scratch, "header")
    await run([
      "clone",
      "-q",
      "-c",
      `http.extraHeader=x-api-key: ${mia.apiKey}`,
      `${server.url}/git/${slug}.git`,
      folder,
    ])
    expect(existsSync(join(folder, "noise.txt"))).toBe(true)
    const answer = await fetch(`${server.url}/git/${slug}.git/git-upload-pack`, {
      method: "POST",
      headers: {
        "x-api-key": mia.apiKey,
        "content-type": "application/x-git-upload-pack-request",
        "content-encoding": "gzip",
        "git-protocol": "version=2",
      },
      body: Bun.gzipSync(Buffer.from("0014command=ls-refs\n00010000")),
    })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain("refs/heads/main")
  })

  test("edits that a stopped run left are not shown", async () => {
    await server.services.repository.commit(projectId, {
      workTree: scratch,
      message: "aside",
      author: { name: "m", email: "m@m" },
      ref: "refs/gochat/recovery/x",
    })
    expect((await run(["ls-remote", address(mia.apiKey)])).out).not.toContain("gochat")
  })

  test("without a key, with a wrong one, with a cookie: 401 that asks for a password, whether the project is there or not", async () => {
    for (const path of [`/git/${slug}.git`, "/git/not-there.git", "/git/..%2f..%2fx.git"]) {
      for (const headers of [
        {},
        { "x-api-key": "nope" },
        { authorization: `Basic ${btoa("x:nope")}` },
        { authorization: "Basic %%%" },
        { cookie: mia.cookie },
      ]) {
        const answer = await at(`${path}/info/refs?service=git-upload-pack`, headers as Record<string, string>)
        expect([answer.status, answer.headers.get("www-authenticate")?.startsWith("Basic realm=")]).toEqual([401, true])
      }
    }
    expect((await run(["clone", "-q", address("nope"), join(scratch, "no")])).code).not.toBe(0)
  })

  test("another person's project and none at all answer alike", async () => {
    const answers = await Promise.all(
      [address(ben.apiKey), address(ben.apiKey, "not-there")].map((url) => run(["ls-remote", url])),
    )
    for (const { code, errors } of answers) {
      expect(code).not.toBe(0)
      expect(errors).toContain("no such project")
    }
    const service = "/info/refs?service=git-upload-pack"
    const bodies = await Promise.all(
      [slug, "not-there"].map(async (name) =>
        (await at(`/git/${name}.git${service}`, { "x-api-key": ben.apiKey })).text(),
      ),
    )
    expect(bodies[0]).toBe(bodies[1] ?? "")
  })

  test("a push is refused with words, other paths lead nowhere", async () => {
    const folder = join(scratch, "push")
    await run(["clone", "-q", address(mia.apiKey), folder])
    const pushed = await run(
      ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty", "-m", "x"],
      folder,
    )
    expect(pushed.code).toBe(0)
    const push = await run(["push", "origin", "HEAD:main"], folder)
    expect(push.code).not.toBe(0)
    expect(push.errors).toContain("Pushing is not possible here")
    const key = { "x-api-key": mia.apiKey }
    for (const path of ["/HEAD", "/config", "/objects/info/packs", "/info/refs", "/../x", "/git-upload-archive"]) {
      expect((await at(`/git/${slug}.git${path}`, key)).status).toBeGreaterThanOrEqual(400)
    }
    expect(
      (await fetch(`${server.url}/git/${slug}.git/git-receive-pack`, { method: "POST", headers: key })).status,
    ).toBe(403)
  })

  test("a client that goes away in the middle leaves no git behind", async () => {
    const answer = await fetch(`${server.url}/git/${slug}.git/git-upload-pack`, {
      method: "POST",
      headers: { "x-api-key": mia.apiKey, "content-type": "application/x-git-upload-pack-request" },
      body: `0032want ${newestSha}\n00000009done\n`,
    })
    expect(answer.status).toBe(200)
    const reader = answer.body?.getReader()
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0)
    await reader?.cancel()
    const deadline = Date.now() + 5_000
    while (serving().length > 0 && Date.now() < deadline) await Bun.sleep(20)
    expect(serving()).toEqual([])
  })

  test("nonsense in the body is an answer or an end, never a hang", async () => {
    const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/git/${slug}.git/git-upload-pack`, {
        method: "POST",
        headers: { "x-api-key": mia.apiKey, "content-type": "application/x-git-upload-pack-request", ...headers },
        body,
      }).then(async (answer) => [answer.status, (await answer.text().catch(() => "cut")).length >= 0])
    expect(await post("nonsense")).toEqual([400, true])
    expect(await post("")).toEqual([400, true])
    expect(await post("not gzip", { "content-encoding": "gzip" })).toEqual([400, true])
    expect((await post("0000", { "content-type": "text/plain" }))[0]).toBe(415)
    expect((await post(new Uint8Array(5_000_000)))[0]).toBe(413)
    const deadline = Date.now() + 5_000
    while (serving().length > 0 && Date.now() < deadline) await Bun.sleep(20)
    expect(serving()).toEqual([])
  })
})

describe("download", () => {
  test("the newest version, or any, as a zip with a name", async () => {
    for (const [query, sha, has] of [
      ["", null, true],
      [`?ref=${firstSha.slice(0, 10)}`, firstSha, false],
      [`?ref=${newestSha}`, newestSha, true],
    ] as const) {
      const answer = await at(`/files/${projectId}.zip${query}`, { cookie: mia.cookie })
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/zip"])
      const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? ""
      expect(name.startsWith(`${slug}-${sha?.slice(0, 7) ?? ""}`)).toBe(true)
      const bytes = await answer.bytes()
      expect(bytes.length).toBeGreaterThan(100)
      const names = Object.keys(unzipSync(bytes))
      expect(names).toContain("größe/ä b.txt")
      expect(names.includes("noise.txt")).toBe(has)
    }
  })

  test("is for members, and only of what is there", async () => {
    const status = async (path: string, headers: Record<string, string> = {}) => (await at(path, headers)).status
    const key = { "x-api-key": mia.apiKey }
    expect(await status(`/files/${projectId}.zip`, key)).toBe(200)
    expect(await status(`/files/${projectId}.zip`)).toBe(401)
    expect(await status(`/files/${projectId}.zip`, { cookie: ben.cookie })).toBe(404)
    expect(await status(`/files/${crypto.randomUUID()}.zip`, key)).toBe(404)
    expect(await status(`/files/${projectId}.zip?ref=nope`, key)).toBe(404)
    expect(await status(`/files/${projectId}.zip?ref=--output=/tmp/x`, key)).toBe(404)
    expect(await status(`/files/${projectId}`, key)).toBe(404)
    expect(await status("/files/..%2f..%2fsecret.key.zip", key)).toBe(404)
  })
})
