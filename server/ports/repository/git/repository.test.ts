import { unzipSync } from "fflate"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createGitRepository } from "./create-git-repository.ts"

const author = { name: "Ada <Lovelace>", email: "ada@example.com" }
const main = "refs/heads/main"
let base: string
let id: string
let workTree: string
let gitDir: string
let repository: ReturnType<typeof createGitRepository>

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "gochat-git-"))
  repository = createGitRepository({ reposDir: join(base, "repos") })
})
afterAll(() => rmSync(base, { recursive: true, force: true }))
beforeEach(async () => {
  id = crypto.randomUUID()
  workTree = join(base, id)
  gitDir = join(base, "repos", `${id}.git`)
  mkdirSync(workTree)
  await repository.create(id)
})

function put(path: string, content: string | Uint8Array = path): void {
  mkdirSync(dirname(join(workTree, path)), { recursive: true })
  writeFileSync(join(workTree, path), content)
}
const commit = (message = "a change", ref = main) => repository.commit(id, { workTree, message, author, ref })
const paths = async (sha: string) => (await repository.tree(id, sha)).map((file) => file.path)
/** Plain git, as a person would run it, on our repository. */
const git = (...args: string[]): string => {
  const done = Bun.spawnSync(["git", `--git-dir=${gitDir}`, ...args], { env: { PATH: "/usr/bin:/bin", HOME: base } })
  return done.stdout.toString()
}

test("a new project has no version; unknown things are null", async () => {
  expect(await repository.head(id)).toBeNull()
  expect(await repository.resolve(id, "main")).toBeNull()
  expect(await repository.head(crypto.randomUUID())).toBeNull()
  expect(await repository.status(id, workTree)).toEqual([])
  expect(await commit()).toBeNull()
  await repository.create(id)
  await repository.remove(id)
  expect(existsSync(gitDir)).toBe(false)
  expect(() => repository.head("../x")).toThrow()
})

test("commits what is there, on top of main, with author, message and counts", async () => {
  put("index.html", "one\ntwo\n")
  put("src/ä b.js", "x")
  put("-rf", "x")
  put("--help", "")
  put("日本/語.txt")
  const first = await commit("Inventory tracker\n\nBuild me one\n\nRun: 1")
  expect(first).toEqual({ sha: expect.stringMatching(/^[0-9a-f]{40}$/), files: 5, added: 5, removed: 0 })
  const sha = first?.sha ?? ""
  expect(await repository.head(id)).toBe(sha)
  expect(await repository.message(id, sha)).toBe("Inventory tracker\n\nBuild me one\n\nRun: 1")
  expect(await repository.resolve(id, sha.slice(0, 7))).toBe(sha)
  expect(await repository.resolve(id, "main")).toBe(sha)
  expect(await repository.parent(id, sha)).toBeNull()
  expect((await paths(sha)).sort()).toEqual(["--help", "-rf", "index.html", "src/ä b.js", "日本/語.txt"])
  expect(new TextDecoder().decode((await repository.read(id, sha, "src/ä b.js")) ?? undefined)).toBe("x")
  expect(await repository.read(id, sha, "src")).toBeNull()
  expect(await repository.read(id, sha, "nope")).toBeNull()
  expect(git("log", "-1", "--format=%an|%ae|%cn|%(trailers:key=Run,valueonly)", "main").trim()).toBe(
    "Ada  Lovelace|ada@example.com|Go Chat|1",
  )
  expect(await commit()).toBeNull()

  put("index.html", "one\n2\n")
  rmSync(join(workTree, "-rf"))
  const second = await commit()
  expect(second).toMatchObject({ files: 2, added: 1, removed: 2 })
  expect(await repository.parent(id, second?.sha ?? "")).toBe(sha)
  expect(git("fsck", "--strict")).toBe("")
})

test("the ref of a stopped run moves alone, and can be written again and deleted", async () => {
  put("a", "1")
  const first = await commit()
  put("a", "2")
  const aside = await commit("left over", "refs/gochat/recovery/r1")
  expect(await repository.head(id)).toBe(first?.sha ?? "")
  expect(await repository.parent(id, aside?.sha ?? "")).toBe(first?.sha ?? "")
  put("a", "3")
  const again = await commit("left over", "refs/gochat/recovery/r1")
  expect(await repository.resolve(id, "refs/gochat/recovery/r1")).toBe(again?.sha ?? "")
  await repository.deleteRef(id, "refs/gochat/recovery/r1")
  expect(await repository.resolve(id, "refs/gochat/recovery/r1")).toBeNull()
})

test("of two commits at the same moment one wins or both follow each other; main is never half", async () => {
  put("a", "1")
  await commit()
  const done = await Promise.allSettled(
    Array.from({ length: 6 }, (_, at) => {
      const own = join(base, `${id}-${at}`)
      mkdirSync(own)
      writeFileSync(join(own, "a"), `own ${at}`)
      return repository.commit(id, { workTree: own, message: `${at}`, author, ref: main })
    }),
  )
  expect(done.some((one) => one.status === "fulfilled")).toBe(true)
  for (const one of done) if (one.status === "rejected") expect(String(one.reason)).toContain("same moment")
  expect(git("rev-list", "--count", "main").trim()).toBe(
    `${1 + done.filter((one) => one.status === "fulfilled").length}`,
  )
  expect(git("fsck", "--strict", "--no-dangling")).toBe("")
  expect(readdirSync(gitDir).filter((name) => name.startsWith("index"))).toEqual([])
})

describe("a hostile work tree", () => {
  let marker: string
  beforeEach(() => {
    marker = join(base, `ran-${id}`)
    const evil = join(workTree, "evil.sh")
    put("evil.sh", `#!/bin/sh\ntouch ${marker}\ncat\n`)
    chmodSync(evil, 0o755)
    const config = `[core]\n fsmonitor = ${evil}\n hooksPath = ${workTree}/hooks\n sshCommand = ${evil}\n editor = ${evil}\n[filter "x"]\n clean = ${evil}\n smudge = ${evil}\n required = true\n[diff "x"]\n textconv = ${evil}\n command = ${evil}\n[merge "x"]\n driver = ${evil}\n`
    put(
      ".gitattributes",
      "* filter=x diff=x merge=x ident text eol=crlf working-tree-encoding=UTF-16 export-subst\nsecret.txt export-ignore\n",
    )
    put("sub/.gitattributes", "* filter=x -diff\n")
    put(".git/config", config)
    put(".git/HEAD", "ref: refs/heads/main\n")
    put(".git/hooks/pre-commit", `#!/bin/sh\ntouch ${marker}\n`)
    put("nested/.git", `gitdir: ${workTree}/.git\n`)
    put("nested/.GIT/config", config)
    put("git~1/config", config)
    put("hooks/post-commit", `#!/bin/sh\ntouch ${marker}\n`)
    put(".gitmodules", `[submodule "s"]\n path = s\n url = ext::${evil}\n update = !${evil}\n`)
    put("config", config)
    put("secret.txt", "$Id$ $Format:%H$\r\nline\n")
    put("sub/a.txt", "plain")
    for (const file of [".git/hooks/pre-commit", "hooks/post-commit"]) chmodSync(join(workTree, file), 0o755)
  })

  test("runs nothing and changes no byte: commit, status, diff, read, checkout, archive", async () => {
    const first = await commit()
    const sha = first?.sha ?? ""
    expect((await paths(sha)).sort()).toEqual([
      ".gitattributes",
      ".gitmodules",
      "config",
      "evil.sh",
      "hooks/post-commit",
      "secret.txt",
      "sub/.gitattributes",
      "sub/a.txt",
    ])
    put("secret.txt", "$Id$ $Format:%H$\r\nline 2\n")
    put("sub/a.txt", "changed")
    const status = await repository.status(id, workTree)
    expect(status.map((change) => change.path)).toEqual(["secret.txt", "sub/a.txt"])
    expect(status.every((change) => !change.binary && change.patch.includes("@@"))).toBe(true)
    const second = await commit()
    expect(await repository.diff(id, sha, second?.sha ?? "")).toEqual(status)
    expect(new TextDecoder().decode((await repository.read(id, sha, "secret.txt")) ?? undefined)).toBe(
      "$Id$ $Format:%H$\r\nline\n",
    )
    const fresh = join(base, `${id}-fresh`)
    await repository.checkout(id, sha, fresh)
    expect(readFileSync(join(fresh, "secret.txt"), "utf8")).toBe("$Id$ $Format:%H$\r\nline\n")
    expect(existsSync(join(fresh, ".git"))).toBe(false)
    await repository.checkout(id, sha, workTree)
    expect(readFileSync(join(workTree, "sub/a.txt"), "utf8")).toBe("plain")
    await repository.restore(id, { sha, message: "back", author })
    const files = unzipSync(await new Response(repository.archive(id, sha)).bytes())
    expect(new TextDecoder().decode(files["secret.txt"])).toBe("$Id$ $Format:%H$\r\nline\n")
    expect(existsSync(marker)).toBe(false)
  })

  test("links, pipes and what is behind them stay out; a checkout writes to no link", async () => {
    const outside = join(base, `${id}-outside`)
    mkdirSync(outside)
    writeFileSync(join(outside, "secret"), "top secret")
    symlinkSync(outside, join(workTree, "folder"))
    symlinkSync(join(outside, "secret"), join(workTree, "leak"))
    Bun.spawnSync(["mkfifo", join(workTree, "pipe")])
    put("src/secret", "mine")
    const first = await commit()
    expect(await paths(first?.sha ?? "")).not.toContain("leak")
    rmSync(join(workTree, "src"), { recursive: true })
    symlinkSync(outside, join(workTree, "src"))
    await repository.checkout(id, first?.sha ?? "", workTree)
    expect(readFileSync(join(workTree, "src/secret"), "utf8")).toBe("mine")
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("top secret")
    expect(existsSync(join(workTree, "leak"))).toBe(false)
    expect(git("grep", "top secret", "main")).toBe("")
  })

  test("a file that is swapped for a link while it is committed is never followed", async () => {
    writeFileSync(join(base, "key"), "the server's key")
    for (let at = 0; at < 40; at++) put(`many/f${at}`, `${at}`)
    const swapper = Bun.spawn(
      [
        "bash",
        "-c",
        `cd ${workTree}/many; while :; do for f in f*; do ln -sf ${base}/key $f; done; for f in f*; do rm -f $f; echo x > $f; done; done`,
      ],
      { stderr: "ignore" },
    )
    try {
      for (let at = 0; at < 15; at++) {
        put("n", `${at}`)
        await commit()
      }
    } finally {
      swapper.kill("SIGKILL")
      await swapper.exited
    }
    for (const sha of git("rev-list", "main").trim().split("\n"))
      expect(git("grep", "-l", "server's key", sha)).toBe("")
  }, 30_000)
})

describe("checkout", () => {
  test("makes the folder hold exactly that version: changed, gone, moved kinds, modes; what is ignored stays", async () => {
    put(".gitignore", "*.log\ndist/\n")
    put("a.txt", "1")
    put("dir/b.txt", "1")
    put("run.sh", "#!/bin/sh\n")
    chmodSync(join(workTree, "run.sh"), 0o755)
    const first = await commit()
    const untouched = statSync(join(workTree, "a.txt"))
    rmSync(join(workTree, "dir"), { recursive: true })
    put("dir", "now a file")
    rmSync(join(workTree, "run.sh"))
    put("run.sh/now/a/folder", "x")
    put("new/deep/file")
    put("keep.log")
    put("dist/out.js")
    put("node_modules/p/index.js")
    await repository.checkout(id, first?.sha ?? "", workTree)
    const there = [...new Bun.Glob("**/*").scanSync({ cwd: workTree, dot: true })].sort()
    expect(there).toEqual([
      ".gitignore",
      "a.txt",
      "dir/b.txt",
      "dist/out.js",
      "keep.log",
      "node_modules/p/index.js",
      "run.sh",
    ])
    expect(statSync(join(workTree, "run.sh")).mode & 0o777).toBe(0o755)
    expect(statSync(join(workTree, "a.txt")).ino).toBe(untouched.ino)
    expect(existsSync(join(workTree, "new"))).toBe(false)
    expect(await repository.status(id, workTree)).toEqual([])
  })

  test("10,000 files are committed, listed and laid down again", async () => {
    for (let at = 0; at < 10_000; at++) put(`d${at % 100}/f${at}.txt`, `${at}\n`)
    const start = performance.now()
    const first = await commit()
    expect(first).toMatchObject({ files: 10_000, added: 10_000 })
    put("d1/f1.txt", "changed\n")
    const second = await commit()
    expect(second).toMatchObject({ files: 1, added: 1, removed: 1 })
    const fresh = join(base, `${id}-fresh`)
    await repository.checkout(id, second?.sha ?? "", fresh)
    expect(readFileSync(join(fresh, "d1/f1.txt"), "utf8")).toBe("changed\n")
    expect(await repository.tree(id, second?.sha ?? "")).toHaveLength(10_000)
    expect((await repository.diff(id, null, second?.sha ?? "")).length).toBe(10_000)
    expect(performance.now() - start).toBeLessThan(30_000)
  }, 60_000)

  test("files that came with an outside commit: links are left out of the folder and kept in the versions, ignored ones too", async () => {
    put("a.txt", "1")
    const first = await commit()
    const outside = join(base, `${id}-clone`)
    const run = (command: string) =>
      Bun.spawnSync(["bash", "-ec", command], { cwd: outside, env: { PATH: "/usr/bin:/bin", HOME: base } })
    mkdirSync(outside)
    expect(
      run(
        `git clone -q ${gitDir} . && ln -s /etc/passwd link && mkdir dist && echo x > dist/y && echo dist > .gitignore && git add -f . && git -c user.name=x -c user.email=x@x commit -qm out && git push -q origin HEAD:main`,
      ).exitCode,
    ).toBe(0)
    const head = (await repository.head(id)) ?? ""
    expect(head).not.toBe(first?.sha ?? "")
    await repository.checkout(id, head, workTree)
    expect(existsSync(join(workTree, "link"))).toBe(false)
    expect(readFileSync(join(workTree, "dist/y"), "utf8")).toBe("x\n")
    expect(await commit()).toBeNull()
    put("a.txt", "2")
    put("dist/y", "2")
    expect(await commit()).toMatchObject({ files: 2 })
    expect(git("ls-tree", "-r", "main", "link")).toContain("120000")
    put("link/is/a/folder/now")
    expect(await commit()).toMatchObject({ files: 2 })
    expect(git("fsck", "--strict")).toBe("")
  })
})

test("a diff names what was added, changed, renamed, deleted; binary and long patches are cut", async () => {
  put("a.txt", "one\ntwo\n")
  put("old name.txt", "the same text\nover and over\nand over\n")
  put("gone.txt", "x\n")
  put("pic.png", new Uint8Array([0, 1, 2]))
  const first = await commit()
  put("a.txt", "one\n2\n+++ b/fake\ndiff --git a/x b/x\n")
  rmSync(join(workTree, "gone.txt"))
  rmSync(join(workTree, "old name.txt"))
  put("dir/new\u00e9.txt", "the same text\nover and over\nand over\n")
  put("pic.png", new Uint8Array([0, 1, 3]))
  put("long.txt", "x".repeat(900_000))
  const second = await commit()
  const changes = await repository.diff(id, first?.sha ?? "", second?.sha ?? "")
  const seen = Object.fromEntries(changes.map((change) => [change.path, { ...change, patch: "" }]))
  expect(seen["a.txt"]).toEqual({
    path: "a.txt",
    oldPath: null,
    change: "modified",
    added: 3,
    removed: 1,
    binary: false,
    patch: "",
  })
  expect(seen["gone.txt"]).toMatchObject({ change: "deleted", added: 0, removed: 1 })
  expect(seen["dir/new\u00e9.txt"]).toEqual({
    path: "dir/new\u00e9.txt",
    oldPath: "old name.txt",
    change: "renamed",
    added: 0,
    removed: 0,
    binary: false,
    patch: "",
  })
  expect(seen["pic.png"]).toMatchObject({ change: "modified", binary: true })
  const patch = (path: string) => changes.find((change) => change.path === path)?.patch ?? ""
  expect(patch("a.txt")).toContain("+diff --git a/x b/x")
  expect(patch("gone.txt")).toContain("-x")
  expect(patch("long.txt").length).toBe(200_000)
})

test("restore and pick make new commits without a work tree", async () => {
  put("a.txt", "1\n")
  put("b.txt", "1\n")
  const one = await commit()
  put("a.txt", "2\n")
  const two = await commit()
  put("b.txt", "from a stopped run\n")
  const aside = await commit("aside", "refs/gochat/recovery/r")
  const reuse = (info: typeof one) => ({ sha: info?.sha ?? "", message: "m", author })
  const back = await repository.restore(id, reuse(one))
  expect(await repository.diff(id, one?.sha ?? "", back?.sha ?? "")).toEqual([])
  expect(await repository.parent(id, back?.sha ?? "")).toBe(two?.sha ?? "")
  expect(await repository.restore(id, reuse(one))).toBeNull()
  const picked = await repository.pick(id, reuse(aside))
  if (picked === null || picked === "conflict") throw new Error("not picked")
  expect(picked).toMatchObject({ files: 1 })
  expect(new TextDecoder().decode((await repository.read(id, picked.sha, "a.txt")) ?? undefined)).toBe("1\n")
  await repository.checkout(id, picked.sha, workTree)
  put("b.txt", "changed since\n")
  await commit()
  expect(await repository.pick(id, reuse(aside))).toBe("conflict")
})

test("a large file is left out and left alone; a link in the repository is not read as one", async () => {
  put("a.txt", "1")
  put("film.bin", new Uint8Array(26_000_000))
  const first = await commit()
  expect(await paths(first?.sha ?? "")).toEqual(["a.txt"])
  await repository.checkout(id, first?.sha ?? "", workTree)
  expect(statSync(join(workTree, "film.bin")).size).toBe(26_000_000)
  expect(() => readlinkSync(join(workTree, "a.txt"))).toThrow()
})
