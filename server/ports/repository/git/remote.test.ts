import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type GitRemote, plainGit, startGitRemote } from "../../../testing/git-remote.ts"
import { until } from "../../../testing/until.ts"
import { RemoteGitError, type RemoteGitKind } from "../remote-git-error.ts"
import { createGitRepository } from "./create-git-repository.ts"
import { networkEnvironment } from "../../../lib/network-environment.ts"
import type { RemoteLimits } from "./remote-run.ts"

const author = { name: "Ada", email: "ada@example.com" }
const signal = new AbortController().signal
let base: string
let remote: GitRemote
let repository: ReturnType<typeof createGitRepository>
let id: string
let gitDir: string
let workTree: string
/** The repository at the forge. */
let theirs: string

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "gochat-forge-"))
  remote = startGitRemote()
  repository = limited({})
})
afterAll(async () => {
  await remote[Symbol.asyncDispose]()
  rmSync(base, { recursive: true, force: true })
})
beforeEach(async () => {
  remote.answer = null
  remote.after = null
  remote.asked.length = 0
  id = crypto.randomUUID()
  gitDir = join(base, "repos", `${id}.git`)
  workTree = join(base, id)
  mkdirSync(workTree)
  theirs = remote.add(id)
  await repository.create(id)
})

const limited = (limits: Partial<RemoteLimits>) =>
  createGitRepository({ reposDir: join(base, "repos"), remote: limits })
const at = (branch = "main") => ({ url: remote.url(id), credentials: remote.credentials, branch, signal })
const push = (sha: string, expected: string | null, of = repository) => of.push(id, { ...at(), sha, expected })
const fetch = (of = repository) => of.fetch(id, at())
const theirHead = () => plainGit(theirs, "rev-parse", "--verify", "--quiet", "refs/heads/main")

/** A version of ours. */
async function commit(files: Record<string, string | Uint8Array>, message = "a change"): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workTree, path)), { recursive: true })
    writeFileSync(join(workTree, path), content)
  }
  const made = await repository.commit(id, { workTree, message, author, ref: "refs/heads/main" })
  return made?.sha ?? ""
}

/** What somebody else commits at the forge. */
function outside(files: Record<string, string>, message = "from outside"): string {
  const clone = join(base, `clone-${crypto.randomUUID()}`)
  plainGit(base, "clone", "--quiet", theirs, clone)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true })
    writeFileSync(join(clone, path), content)
  }
  plainGit(clone, "add", "-A")
  plainGit(clone, "commit", "--quiet", "--allow-empty", "-m", message)
  plainGit(clone, "push", "--quiet", "origin", "HEAD:main")
  return plainGit(clone, "rev-parse", "HEAD")
}

/** Objects that no honest client makes, straight into the repository at the forge. */
function hostile(entries: [mode: string, type: string, sha: string, name: string][]): string {
  const tree = Bun.spawnSync(["git", "mktree", "--missing"], {
    cwd: theirs,
    stdin: Buffer.from(entries.map(([mode, type, sha, name]) => `${mode} ${type} ${sha}\t${name}\n`).join("")),
  })
  const sha = plainGit(theirs, "commit-tree", tree.stdout.toString().trim(), "-m", "hostile")
  plainGit(theirs, "update-ref", "refs/heads/main", sha)
  return sha
}
function theirBlob(content: string): string {
  const file = join(base, crypto.randomUUID())
  writeFileSync(file, content)
  return plainGit(theirs, "hash-object", "-w", file)
}

async function fault(work: Promise<unknown>): Promise<RemoteGitError> {
  const error = await work.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(error instanceof RemoteGitError)) throw error ?? new Error("it did not fail")
  for (const text of [error.words, error.detail, error.message, error.stack ?? ""]) {
    expect(text).not.toContain("CANARY")
    expect(text).not.toContain(encodeURIComponent(remote.credentials.password))
    expect(text).not.toContain(Buffer.from(`oauth2:${remote.credentials.password}`).toString("base64"))
  }
  return error
}
const kindOf = async (work: Promise<unknown>): Promise<RemoteGitKind> => (await fault(work)).kind
const leftovers = () => readdirSync(gitDir).filter((name) => name.startsWith("incoming-"))
const objects = () => plainGit(gitDir, "count-objects", "-v")

test("a first push makes the branch, a next one moves it, and said again it does nothing", async () => {
  const first = await commit({ "a.txt": "1\n" })
  expect(await push(first, null)).toEqual({ type: "pushed" })
  const second = await commit({ "a.txt": "2\n" })
  expect(await push(second, first)).toEqual({ type: "pushed" })
  expect(theirHead()).toBe(second)
  // Whatever was expected: it is there.
  expect(await push(second, first)).toEqual({ type: "pushed" })
  expect(await push(second, null)).toEqual({ type: "pushed" })
  expect(await repository.push(id, { ...at("run/4"), sha: first, expected: null })).toEqual({ type: "pushed" })
  expect(plainGit(theirs, "rev-parse", "refs/heads/run/4")).toBe(first)
  expect(plainGit(theirs, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\nrefs/heads/run/4")
  expect(readFileSync(join(gitDir, "config"), "utf8")).not.toMatch(/CANARY|127\.0\.0\.1/)
})

test("a branch that is elsewhere is not touched, and where it is comes back", async () => {
  const first = await commit({ "a.txt": "1\n" })
  const second = await commit({ "a.txt": "2\n" })
  expect(await push(second, first)).toEqual({ type: "moved", head: null })
  await push(first, null)
  const other = outside({ "b.txt": "b" })
  expect(await push(second, first)).toEqual({ type: "moved", head: other })
  expect(await push(second, null)).toEqual({ type: "moved", head: other })
  expect(theirHead()).toBe(other)
})

test("what does not build on the expected head is refused before anything is sent", async () => {
  const first = await commit({ "a.txt": "1\n" })
  const second = await commit({ "a.txt": "2\n" })
  await push(second, null)
  remote.asked.length = 0
  const back = await fault(push(first, second))
  expect([back.kind, back.words]).toEqual(["refused", expect.stringContaining("nothing was overwritten")])
  expect(await kindOf(push(second, "d".repeat(40)))).toBe("refused")
  expect(push("HEAD", null)).rejects.toThrow("not a commit")
  expect(remote.asked).toEqual([])
})

test("a lost answer and a race at the forge end with the truth", async () => {
  const first = await commit({ "a.txt": "1\n" })
  // The push was done; only its answer is lost.
  remote.after = async (request, response) => {
    if (!request.url.endsWith("/git-receive-pack")) return response
    await response.arrayBuffer()
    return new Response("bad gateway", { status: 502 })
  }
  expect(await push(first, null)).toEqual({ type: "pushed" })
  remote.after = null

  // Somebody else moves the branch between the question and the push.
  const second = await commit({ "a.txt": "2\n" })
  let other = ""
  remote.answer = (request) => {
    if (request.method === "POST" && other === "") other = outside({ "b.txt": "b" })
    return null
  }
  expect(await push(second, first)).toEqual({ type: "moved", head: other })
  expect(theirHead()).toBe(other)
})

test("a refusal of the forge carries its reason as detail, without control characters", async () => {
  const hook = join(theirs, "hooks/pre-receive")
  writeFileSync(hook, "#!/bin/sh\nprintf 'GitLab: You are not allowed \\033[31mto push\\n' >&2\nexit 1\n", {
    mode: 0o755,
  })
  const refused = await fault(push(await commit({ a: "1" }), null))
  expect(refused.kind).toBe("refused")
  expect(refused.detail).toContain("GitLab: You are not allowed  [31mto push")
  expect(plainGit(theirs, "for-each-ref")).toBe("")
})

test("a fetch brings the branch into a ref of its own, once, and nothing else", async () => {
  expect(await fetch()).toBeNull()
  const first = await commit({ "a.txt": "1\n" })
  await push(first, null)
  const other = outside({ "b.txt": "b" })
  plainGit(theirs, "tag", "v1", other)
  plainGit(theirs, "update-ref", "refs/odd/refs/heads/main", first)
  expect(await fetch()).toBe(other)
  expect(await repository.resolve(id, "refs/gochat/forge/main")).toBe(other)
  expect(await repository.head(id)).toBe(first)
  expect(await repository.compare(id, other, first)).toBe("ahead")
  expect(plainGit(gitDir, "for-each-ref", "--format=%(refname)")).toBe("refs/gochat/forge/main\nrefs/heads/main")
  expect(plainGit(gitDir, "fsck", "--strict", "--connectivity-only")).toBe("")
  expect(existsSync(join(gitDir, "FETCH_HEAD"))).toBe(false)
  const before = objects()
  expect(await fetch()).toBe(other)
  expect(objects()).toBe(before)
  // The forge takes it back: the ref follows, whatever the direction.
  plainGit(theirs, "update-ref", "refs/heads/main", first)
  expect(await fetch()).toBe(first)
  plainGit(theirs, "update-ref", "-d", "refs/heads/main")
  expect(await fetch()).toBeNull()
  expect(await repository.resolve(id, "refs/gochat/forge/main")).toBeNull()
  expect(leftovers()).toEqual([])
})

test("what HTTP answers becomes a kind, in plain words", async () => {
  const first = await commit({ a: "1" })
  await push(first, null)
  const said = new Set<string>()
  const cases: [number, RemoteGitKind][] = [
    [401, "unauthorized"],
    [403, "refused"],
    [404, "missing"],
    [429, "away"],
    [500, "away"],
    [502, "away"],
    [504, "timeout"],
  ]
  for (const [status, kind] of cases) {
    remote.answer = () => new Response("<html>Sorry</html>", { status })
    const error = await fault(fetch())
    expect([status, error.kind]).toEqual([status, kind])
    expect(error.words).toMatch(/^[A-Z][^:/]+\.$/)
    said.add(error.words)
    expect([status, await kindOf(push(first, null))]).toEqual([status, kind])
  }
  expect(said.size).toBe(5)
  remote.answer = null
  const wrong = { ...at(), credentials: { username: "oauth2", password: "glpat-CANARY-old" } }
  expect(await kindOf(repository.fetch(id, wrong))).toBe("unauthorized")
  expect(await kindOf(repository.fetch(id, { ...at(), url: remote.url("nothing") }))).toBe("missing")
  expect(await kindOf(repository.fetch(id, { ...at(), url: "http://127.0.0.1:1/x.git" }))).toBe("away")
  expect(await kindOf(repository.fetch(id, { ...at(), url: "http://nowhere.invalid/x.git" }))).toBe("away")
})

test("a redirect is not followed, and the other address learns nothing", async () => {
  await using other = startGitRemote()
  other.add(id)
  for (const status of [301, 302, 307]) {
    remote.answer = (request) => {
      const { pathname, search } = new URL(request.url)
      return new Response(null, { status, headers: { location: `${other.origin}${pathname}${search}` } })
    }
    const error = await fault(fetch())
    expect([error.kind, error.words]).toEqual(["refused", expect.stringContaining("another address")])
  }
  expect(other.asked).toEqual([])
})

test("only http and https, without credentials in the address; only names of branches", async () => {
  const urls = [
    "file:///etc",
    "ssh://git@127.0.0.1/x.git",
    "ext::sh -c true",
    "--upload-pack=touch /tmp/x",
    `${remote.origin.replace("//", "//oauth2:CANARY@")}/${id}.git`,
  ]
  for (const url of urls) expect(await kindOf(repository.fetch(id, { ...at(), url }))).toBe("refused")
  const branches = ["", "-x", "a..b", "a b", "a:b", "+a", "../../x", "a/.b", "a.lock", "*", "a\nb", "refs/heads/@{u}"]
  for (const branch of branches) expect(await kindOf(repository.fetch(id, at(branch)))).toBe("refused")
  const lines = { username: "a", password: "b\nhost=evil" }
  expect(await kindOf(repository.fetch(id, { ...at(), credentials: lines }))).toBe("unauthorized")
  expect(remote.asked).toEqual([])
})

test("while git runs, the password is in no argument and no environment of any process", async () => {
  const first = await commit({ a: "1" })
  let seen = 0
  remote.answer = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const read = (name: string) => {
        try {
          return readFileSync(`/proc/${pid}/${name}`, "latin1")
        } catch {
          return ""
        }
      }
      const all = read("cmdline") + read("environ")
      if (all.includes(id)) seen++
      expect(all).not.toContain("CANARY")
    }
    return null
  }
  await push(first, null)
  await fetch()
  expect(seen).toBeGreaterThan(2)
  expect(remote.asked.some(({ signedIn }) => signedIn)).toBe(true)
})

test("a forge that says nothing or never ends is left in time, with all that was started", async () => {
  const first = await commit({ a: "1" })
  await push(first, null)
  const before = objects()
  const groups = () =>
    readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(remote.url(id))
      } catch {
        return false
      }
    })
  const short = limited({ askMs: 400, fetchMs: 700, pushMs: 700 })
  remote.answer = () => new Promise(() => {})
  expect(await kindOf(fetch(short))).toBe("timeout")
  expect(await kindOf(push(first, null, short))).toBe("timeout")
  expect(await kindOf(fetch(limited({ idleSeconds: 1 })))).toBe("timeout")

  const endless = new Uint8Array(65_536).fill(120)
  remote.answer = (request) =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          await Bun.sleep(1)
          controller.enqueue(endless)
        },
      }),
      {
        headers: {
          "content-type": `application/x-git-upload-pack-${request.method === "GET" ? "advertisement" : "result"}`,
        },
      },
    )
  expect(["away", "timeout", "missing"]).toContain(await kindOf(fetch(short)))

  // A run that is stopped ends it as well, with its own reason.
  remote.answer = () => new Promise(() => {})
  const stop = new AbortController()
  const stopped = repository.fetch(id, { ...at(), signal: stop.signal })
  await until(() => groups().length > 0)
  stop.abort(new Error("the run was stopped"))
  expect(stopped).rejects.toThrow("the run was stopped")
  await until(() => groups().length === 0)
  expect(objects()).toBe(before)
  expect(leftovers()).toEqual([])
})

test("an endless pack and one that is too large are cut off and leave nothing", async () => {
  const random = () => Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64")
  outside(Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}`, random()])))
  const before = objects()
  const large = await fault(fetch(limited({ fetchBytes: 500_000 })))
  expect([large.kind, large.words]).toEqual(["unusable", expect.stringContaining("too large")])
  expect(objects()).toBe(before)

  // git asks v2: the question for the pack is the POST that names it.
  const block = Buffer.concat([Buffer.from("fff1\u0001", "latin1"), new Uint8Array(0xffec)])
  const pack = Buffer.concat([Buffer.from("PACK"), Buffer.from([0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff])])
  const packLine = Buffer.concat([Buffer.from((pack.length + 5).toString(16).padStart(4, "0") + "\u0001"), pack])
  remote.answer = (request) => {
    if (request.method !== "POST") return null
    return (async () => {
      if (!(await request.clone().text()).includes("command=fetch")) return null
      let begun = false
      return new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(begun ? block : Buffer.concat([Buffer.from("000dpackfile\n"), packLine]))
            begun = true
          },
        }),
        { headers: { "content-type": "application/x-git-upload-pack-result" } },
      )
    })() as Promise<Response>
  }
  expect(await kindOf(fetch(limited({ fetchBytes: 500_000, fetchMs: 5000 })))).toBe("unusable")
  expect(objects()).toBe(before)
  expect(leftovers()).toEqual([])
})

test("a hostile tree is refused, an odd one comes in as data and never as a file of ours", async () => {
  const blob = theirBlob("[core]\n\tfsmonitor = touch /tmp/owned\n")
  const before = objects()
  for (const name of [".git", ".GIT", "..", "git~1"]) {
    hostile([["100644", "blob", blob, name]])
    expect([name, await kindOf(fetch())]).toEqual([name, "unusable"])
  }
  const modules = theirBlob('[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch /tmp/owned\n')
  hostile([["100644", "blob", modules, ".gitmodules"]])
  expect(await kindOf(fetch())).toBe("unusable")
  expect(objects()).toBe(before)

  const fine = theirBlob('[submodule "x"]\n\tpath = x\n\turl = https://nowhere.invalid/x.git\n')
  const odd = hostile([
    ["100644", "blob", fine, ".gitmodules"],
    ["120000", "blob", theirBlob("/etc/passwd"), "link"],
    ["160000", "commit", "a".repeat(40), "x"],
    ["100644", "blob", theirBlob("* filter=evil\n"), ".gitattributes"],
    ["100644", "blob", theirBlob("hello"), "plain.txt"],
  ])
  expect(await fetch()).toBe(odd)
  symlinkSync("/etc/hostname", join(workTree, "plain.txt"))
  await repository.checkout(id, odd, workTree)
  expect(readdirSync(workTree).sort()).toEqual([".gitattributes", ".gitmodules", "plain.txt"])
  expect(readFileSync(join(workTree, "plain.txt"), "utf8")).toBe("hello")
})

test("a damaged or incomplete repository is refused whole", async () => {
  hostile([["100644", "blob", "b".repeat(40), "gone.txt"]])
  expect(["unusable", "away"]).toContain(await kindOf(fetch()))
  expect(await repository.resolve(id, "refs/gochat/forge/main")).toBeNull()
  expect(leftovers()).toEqual([])
})

test("outside work on other lines is joined on main; on the same lines nothing changes", async () => {
  const lines = (...own: string[]) => [...own, "3", "4", "5", "6"].join("\n") + "\n"
  const first = await commit({ "a.txt": lines("1", "2"), "b c.txt": "b\n" })
  await push(first, null)
  const other = outside({ "a.txt": lines("1", "2") + "7\n", "new.txt": "n\n" })
  const mine = await commit({ "a.txt": lines("one", "2") })
  await fetch()
  expect(await repository.compare(id, mine, other)).toBe("diverged")
  const merged = await repository.merge(id, { ours: mine, theirs: other, author, message: "Join\n\nRun: 1" })
  expect(merged).toEqual({ sha: expect.stringMatching(/^[0-9a-f]{40}$/), files: 2, added: 2, removed: 0 })
  const head = (await repository.head(id)) ?? ""
  expect(merged).toMatchObject({ sha: head })
  expect(plainGit(gitDir, "log", "-1", "--format=%P|%an|%cn", head)).toBe(`${mine} ${other}|Ada|Go Chat`)
  expect(new TextDecoder().decode((await repository.read(id, head, "a.txt")) ?? undefined)).toBe(
    lines("one", "2") + "7\n",
  )
  expect(await push(head, other)).toEqual({ type: "pushed" })
  expect(await repository.merge(id, { ours: head, theirs: other, author, message: "again" })).toBeNull()

  await repository.checkout(id, head, workTree)
  const clash = outside({ "b c.txt": "theirs\n", "new.txt": "theirs\n", "fine.txt": "" })
  const ours = await commit({ "b c.txt": "ours\n", "new.txt": "ours\n" })
  await fetch()
  const conflict = await repository.merge(id, { ours, theirs: clash, author, message: "no" })
  expect(conflict).toEqual({ conflict: ["b c.txt", "new.txt"] })
  expect(await repository.head(id)).toBe(ours)
  expect(await push(ours, head)).toEqual({ type: "moved", head: clash })
})

test("the same change on both sides is joined, so that a push is a step forwards", async () => {
  const first = await commit({ "a.txt": "1\n" })
  await push(first, null)
  const other = outside({ "a.txt": "2\n" })
  const mine = await commit({ "a.txt": "2\n" })
  await fetch()
  const merged = await repository.merge(id, { ours: mine, theirs: other, author, message: "same" })
  expect(merged).toMatchObject({ files: 0 })
  expect(await push((await repository.head(id)) ?? "", other)).toEqual({ type: "pushed" })
  // `main` moved on meanwhile: no merge onto what was.
  const third = outside({ "c.txt": "3\n" })
  await fetch()
  expect(repository.merge(id, { ours: mine, theirs: third, author, message: "late" })).rejects.toMatchObject({
    kind: "conflict",
  })
})

test("main goes forwards to an outside commit, from where it was said to be, and never back", async () => {
  const begin = outside({ "README.md": "made at the forge\n" })
  await fetch()
  await repository.advance(id, { from: null, to: begin })
  expect(await repository.head(id)).toBe(begin)
  await repository.advance(id, { from: null, to: begin })
  const next = outside({ "a.txt": "a" })
  await fetch()
  expect(await repository.compare(id, begin, next)).toBe("behind")
  expect(await repository.compare(id, next, next)).toBe("same")
  await repository.advance(id, { from: begin, to: next })
  expect(await repository.head(id)).toBe(next)
  for (const wrong of [
    { from: next, to: begin },
    { from: null, to: begin },
  ])
    expect(repository.advance(id, wrong)).rejects.toMatchObject({ kind: "conflict" })
  expect(repository.advance(id, { from: next, to: "main" })).rejects.toThrow("not a commit")
  const unrelated = hostile([["100644", "blob", theirBlob("x"), "x"]])
  await fetch()
  expect(await repository.compare(id, unrelated, next)).toBe("diverged")
  expect(await repository.merge(id, { ours: next, theirs: unrelated, author, message: "no" })).toEqual({ conflict: [] })
  expect(await repository.head(id)).toBe(next)
})

test("a hundred megabytes go up and come down, and nothing grows with them", async () => {
  const mega = 1_000_000
  const entries = Array.from({ length: 10 }, (_, at) => {
    const bytes = new Uint8Array(10 * mega)
    for (let from = 0; from < bytes.length; from += 50_000) crypto.getRandomValues(bytes.subarray(from, from + 50_000))
    writeFileSync(join(workTree, `f${at}`), bytes)
    const blob = plainGit(gitDir, "-c", "core.compression=0", "hash-object", "-w", join(workTree, `f${at}`))
    return `100644 blob ${blob}\tf${at}\n`
  })
  plainGit(theirs, "config", "receive.unpackLimit", "1")
  const tree = Bun.spawnSync(["git", "mktree"], { cwd: gitDir, stdin: Buffer.from(entries.join("")) }).stdout
  const sha = plainGit(gitDir, "commit-tree", tree.toString().trim(), "-m", "large")
  Bun.gc(true)
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
  const tight = limited({ memoryBytes: 250_000_000 })
  try {
    expect(await push(sha, null, tight)).toEqual({ type: "pushed" })
    const other = crypto.randomUUID()
    await repository.create(other)
    expect(await tight.fetch(other, at())).toBe(sha)
  } finally {
    clearInterval(watch)
  }
  expect(most - before).toBeLessThan(90 * mega)
}, 30_000)

test("certificates are checked; the one that the server's environment names is trusted", async () => {
  const [key, cert] = [join(base, "key.pem"), join(base, "cert.pem")]
  const made = Bun.spawnSync([
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=127.0.0.1",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-keyout",
    key,
    "-out",
    cert,
  ])
  expect(made.success).toBe(true)
  await using secure = startGitRemote({ tls: { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") } })
  secure.add(id)
  const there = { ...at(), url: secure.url(id) }
  const doubted = await fault(repository.fetch(id, there))
  expect([doubted.kind, doubted.words]).toEqual(["away", expect.stringContaining("certificate")])
  expect(secure.asked).toEqual([])
  const trusting = limited({ network: networkEnvironment({ SSL_CERT_FILE: cert, GIT_SSL_NO_VERIFY: "1" }) })
  expect(await trusting.fetch(id, there)).toBeNull()
})

test("the proxy of the environment is used, and is not given the forge's password", async () => {
  let heard = ""
  const proxy = createServer((socket) => {
    socket.on("error", () => {})
    socket.on("data", (data) => {
      heard += data.toString("latin1")
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\ncontent-length: 0\r\n\r\n',
      )
    })
  })
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done))
  const address = proxy.address()
  const port = typeof address === "object" ? address?.port : 0
  const network = networkEnvironment({
    HTTP_PROXY: `http://127.0.0.1:${port}`,
    GIT_TRACE: "1",
    GITLAB_TOKEN: "x",
    PATH: "/x",
  })
  expect(network).toEqual({ http_proxy: `http://127.0.0.1:${port}` })
  expect(["away", "unauthorized"]).toContain(await kindOf(fetch(limited({ network }))))
  expect(heard).toContain(`GET ${remote.url(id)}`)
  // With a user name alone git looks for the password that belongs to the proxy.
  const named = networkEnvironment({ http_proxy: `http://someone@127.0.0.1:${port}` })
  expect(["away", "unauthorized"]).toContain(await kindOf(fetch(limited({ network: named }))))
  const given = [...heard.matchAll(/authorization: basic (\S+)/gi)].map(([, sent = ""]) => atob(sent))
  expect(given.filter((sent) => sent.includes("glpat"))).toEqual([])
  expect(remote.asked).toEqual([])
  const direct = networkEnvironment({ HTTP_PROXY: `http://127.0.0.1:${port}`, no_proxy: "127.0.0.1" })
  expect(await fetch(limited({ network: direct }))).toBeNull()
  proxy.close()
})
