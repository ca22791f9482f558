import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { plainGit } from "../../../testing/git-remote.ts"
import { createGitRepository } from "./create-git-repository.ts"

/** Files by path; a merge is tried both ways round. */
type Files = Record<string, string>
const author = { name: "Ada", email: "ada@example.com" }
const many = (word: string) => Array.from({ length: 12 }, (_, at) => `${word} ${at}`).join("\n") + "\n"
let base: string
let repository: ReturnType<typeof createGitRepository>
let id: string
let gitDir: string

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "gochat-prefer-"))
  repository = createGitRepository({ reposDir: base })
})
afterAll(() => rmSync(base, { recursive: true, force: true }))
beforeEach(async () => {
  id = crypto.randomUUID()
  gitDir = join(base, `${id}.git`)
  await repository.create(id)
})

/** A commit with exactly these files. */
function commit(files: Files, parents: string[]): string {
  const folder = mkdtempSync(join(base, "tree-"))
  const env = { PATH: process.env["PATH"] ?? "", GIT_INDEX_FILE: join(folder, "index") }
  for (const [path, content] of Object.entries(files)) {
    const blob = Bun.spawnSync(["git", "hash-object", "-w", "--stdin"], { cwd: gitDir, stdin: Buffer.from(content) })
    const entry = `100644,${blob.stdout.toString().trim()},${path}`
    const added = Bun.spawnSync(["git", "update-index", "--add", "--cacheinfo", entry], { cwd: gitDir, env })
    if (!added.success) throw new Error(added.stderr.toString())
  }
  const tree = Bun.spawnSync(["git", "write-tree"], { cwd: gitDir, env }).stdout.toString().trim()
  return plainGit(gitDir, "commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", "files")
}

async function merged(before: Files, ours: Files, theirs: Files, prefer?: "ours" | "theirs") {
  const first = commit(before, [])
  const [a, b] = [commit(ours, [first]), commit(theirs, [first])]
  plainGit(gitDir, "update-ref", "refs/heads/main", a)
  const result = await repository.merge(id, { ours: a, theirs: b, author, message: "join", prefer })
  if (result === null || "conflict" in result) return result
  expect(plainGit(gitDir, "log", "-1", "--format=%P", "main")).toBe(`${a} ${b}`)
  const files: Files = {}
  for await (const { path, bytes } of repository.files(id, result.sha)) files[path] = new TextDecoder().decode(bytes)
  return files
}

/** Each side wins once, as ours and as theirs. */
async function both(before: Files, one: Files, other: Files): Promise<[one: unknown, other: unknown]> {
  const kept = [await merged(before, one, other, "ours"), await merged(before, one, other, "theirs")]
  expect(await merged(before, other, one, "theirs")).toEqual(kept[0]!)
  expect(await merged(before, other, one, "ours")).toEqual(kept[1]!)
  const undecided = await merged(before, one, other)
  expect(undecided).toEqual({ conflict: expect.any(Array) })
  return [kept[0], kept[1]]
}

test("files in conflict come whole from one side, everything else of both stays", async () => {
  const before = { "a.txt": many("a"), "b.txt": many("b"), "c.txt": "c\n" }
  const one = { ...before, "a.txt": many("a").replace("a 0", "one").replace("a 11", "end one"), "mine.txt": "m\n" }
  const other = { "a.txt": many("a").replace("a 0", "other"), "b.txt": many("b").replace("b 3", "B"), "new.txt": "n\n" }
  const rest = { "b.txt": other["b.txt"], "mine.txt": "m\n", "new.txt": "n\n" }
  expect(await both(before, one, other)).toEqual([
    { "a.txt": one["a.txt"], ...rest },
    { "a.txt": other["a.txt"], ...rest },
  ])
})

test("changed here and deleted there: the file is kept, or it is gone", async () => {
  const before = { "a.txt": "a\n", "b.txt": "b\n" }
  expect(await both(before, { ...before, "a.txt": "A\n" }, { "b.txt": "b\n" })).toEqual([
    { "a.txt": "A\n", "b.txt": "b\n" },
    { "b.txt": "b\n" },
  ])
})

test("added on both sides; names with spaces, quotes, tabs and letters of other scripts", async () => {
  const before = { "z.txt": "z\n" }
  const names = ["a b.txt", 'q"uote.txt', "tab\there.txt", "naïve/файл.txt", "*.txt", ":(top)x"]
  const all = (word: string): Files => ({ ...before, ...Object.fromEntries(names.map((name) => [name, `${word}\n`])) })
  expect(await both(before, all("one"), all("other"))).toEqual([all("one"), all("other")])
})

test("renamed here and deleted there", async () => {
  const before = { "old.txt": many("x"), "b.txt": "b\n" }
  expect(await both(before, { "new.txt": many("x") + "more\n", "b.txt": "b\n" }, { "b.txt": "B\n" })).toEqual([
    { "new.txt": many("x") + "more\n", "b.txt": "B\n" },
    { "b.txt": "B\n" },
  ])
})

test("renamed on both sides to different names", async () => {
  const before = { "old.txt": many("x"), "b.txt": "b\n" }
  expect(await both(before, { "one.txt": many("x"), "b.txt": "b\n" }, { "other.txt": many("x"), "b.txt": "b\n" })).toEqual([
    { "one.txt": many("x"), "b.txt": "b\n" },
    { "other.txt": many("x"), "b.txt": "b\n" },
  ]) // prettier-ignore
})

test("a file on one side where the other has a folder", async () => {
  const before = { "b.txt": "b\n" }
  const one = { ...before, thing: "a file\n" }
  const other = { ...before, "thing/a.txt": "a\n", "thing/b.txt": "b\n" }
  expect(await both(before, one, other)).toEqual([one, other])
  // The folder was there before, and one of its files was changed.
  const was = { ...before, "thing/a.txt": "a\n", "thing/b.txt": "b\n" }
  expect(await both(was, one, { ...was, "thing/a.txt": "A\n" })).toEqual([one, { ...before, "thing/a.txt": "A\n" }])
})

test("without a common beginning it is the whole of one side, with both as parents", async () => {
  const [a, b] = [commit({ "a.txt": "a\n", "same.txt": "1\n" }, []), commit({ "b.txt": "b\n", "same.txt": "2\n" }, [])]
  for (const [prefer, side] of [
    ["ours", a],
    ["theirs", b],
  ] as const) {
    plainGit(gitDir, "update-ref", "refs/heads/main", a)
    const result = await repository.merge(id, { ours: a, theirs: b, author, message: "join", prefer })
    expect(result).toMatchObject({ sha: expect.any(String) })
    expect(plainGit(gitDir, "log", "-1", "--format=%P|%T", "main")).toBe(
      `${a} ${b}|${plainGit(gitDir, "rev-parse", `${side}^{tree}`)}`,
    )
  }
})
