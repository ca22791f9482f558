import { expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { isIgnored } from "./ignores.ts"
import { walkTree } from "./walk.ts"

const files = [
  "a.log",
  "keep.log",
  "A.LOG",
  "build/x",
  "src/build/x",
  "src/deep/build",
  "dist/a",
  "dist/keep/b",
  "doc/frotz/a",
  "a/doc/frotz/a",
  "foo",
  "bar/foo",
  "bar/foo2",
  "tmp/x",
  "x y/z",
  "#hash",
  "!bang",
  "back/one/two/three.txt",
  "star.txt",
  "sub/star.txt",
  "q1",
  "q12",
  "[b]",
  "b",
  "sub/re.log",
  "sub/inner/re.log",
  "trail ",
  "é.txt",
  ".hidden/x",
  ".env",
]
const rules = {
  ".gitignore":
    "*.log\n!keep.log\n/dist/\n!dist/keep/\nbuild/\ndoc/frotz\n/foo\ntmp/**\nx\\ y/\n\\#hash\n\\!bang\nback/**/three.txt\n# comment\n\n/*.txt\nq?\n[[]b]\ntrail\\ \né.txt\n.env\n",
  "sub/.gitignore": "!re.log\n/star.txt\n",
  "sub/inner/.gitignore": "re.log\n",
}

test("what a .gitignore leaves out is what git leaves out", async () => {
  const root = mkdtempSync(join(tmpdir(), "gochat-walk-"))
  try {
    for (const [path, text] of [...files.map((path) => [path, ""] as const), ...Object.entries(rules)]) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const seen: string[] = []
    for await (const { path } of walkTree(root)) seen.push(path)
    Bun.spawnSync(["git", "init", "-q", root])
    const git = Bun.spawnSync(["git", "-C", root, "ls-files", "-z", "--others", "--exclude-standard"]).stdout.toString()
    // A name that ends with a space is no file of a project.
    const expected = git.split("\0").filter((path) => path !== "" && !path.endsWith(" "))
    expect(seen.sort()).toEqual(expected.sort())
    for (const path of files.filter((path) => !path.endsWith(" ")))
      expect([path, isIgnored(root, path)]).toEqual([path, !expected.includes(path)])
    expect(isIgnored(root, "not/there/yet/build/x")).toBe(true)
    expect(isIgnored(root, "not/there/yet.txt")).toBe(false)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
