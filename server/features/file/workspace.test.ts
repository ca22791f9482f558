import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileLimits } from "../../../shared/file.ts"
import { AppError } from "../../app-error.ts"
import { scratchOf } from "../../lib/tree/replace.ts"
import { deleteFile, listFiles, readFile, renameFile, searchFiles, writeFile } from "./workspace.ts"

let base: string
let root: string
let outside: string

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "gochat-workspace-"))
  root = join(base, "project")
  outside = join(base, "outside")
  mkdirSync(root)
  mkdirSync(outside)
  writeFileSync(join(outside, "secret"), "top secret")
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

/** The refusal of a call, or a failure of the test when it was not refused with words. */
async function refusal(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw new Error(`not refused with words: ${String(error)}`)
  expect(error.detail?.length).toBeGreaterThan(10)
  return error
}
const paths = async () => (await listFiles(root)).map((file) => file.path)

describe("names from a hostile model", () => {
  const hostile = [
    "",
    ".",
    "..",
    "../x",
    "a/../../x",
    "a/../b",
    "/etc/x",
    "//etc/x",
    "C:\\x",
    "c:/x",
    "..\\x",
    "a\\b",
    "~/x",
    "x\0.txt",
    "a\nb",
    "a\u007fb",
    "a/",
    "\ud800.txt",
    ".git/config",
    "a/.git/hooks/pre-commit",
    ".GIT/config",
    ".git./config",
    ".git /x",
    ".git",
    "git~1/config",
    ".g\u200cit/config",
    ".git\u200b",
    "\ufeff.git/x",
    ".git::$INDEX_ALLOCATION/x",
    "x".repeat(256),
    "é".repeat(128),
    `${"a/".repeat(600)}b`,
    `${"a/".repeat(70)}b`,
    " a",
    "a ",
    "a.",
    "a\u202egpj.exe",
    "node_modules/x/index.js",
  ]
  for (const path of hostile) {
    test(`${JSON.stringify(path).slice(0, 60)} is refused for write, rename and delete`, async () => {
      const before = readdirSync(base).sort()
      await refusal(writeFile(root, path, "x"))
      await refusal(deleteFile(root, path))
      await writeFile(root, "ok.txt", "x")
      await refusal(renameFile(root, "ok.txt", path))
      if (!path.startsWith("node_modules")) await refusal(readFile(root, path))
      expect(await paths()).toEqual(["ok.txt"])
      expect(
        readdirSync(base)
          .filter((name) => name !== ".writing")
          .sort(),
      ).toEqual(before)
    })
  }

  test("ordinary odd names are fine, and ./ and // mean nothing", async () => {
    for (const path of [
      "-rf",
      "--help.txt",
      "Ünï/日本 語.txt",
      ".gitignore",
      ".github/x.yml",
      ".env",
      "a b/c.d",
      "git",
      "x".repeat(255),
      "👩‍💻.md",
      "...a",
    ]) {
      await writeFile(root, path, path)
      expect(await readFile(root, path)).toBe(path)
    }
    await writeFile(root, "./src//a.js", "1")
    expect(await readFile(root, "src/a.js")).toBe("1")
  })

  test("5 MB, a NUL and the 2,001st file are refused, and nothing is left behind", async () => {
    expect((await refusal(writeFile(root, "big.txt", "x".repeat(5_000_000)))).kind).toBe("too_large")
    expect((await refusal(writeFile(root, "nul.txt", "a\0b"))).kind).toBe("bad_input")
    for (let at = 0; at < fileLimits.files; at++) writeFileSync(join(root, `f${at}`), "")
    expect((await refusal(writeFile(root, "one-more", ""))).kind).toBe("too_large")
    await writeFile(root, "f1", "a file that is there may grow")
    expect((await paths()).length).toBe(fileLimits.files)
    expect(readdirSync(scratchOf(root))).toEqual([])
  })

  test("100 MB is the most, built output that is left out does not count", async () => {
    writeFileSync(join(root, "large.bin"), new Uint8Array(fileLimits.treeBytes))
    expect((await refusal(writeFile(root, "a.txt", "x"))).kind).toBe("too_large")
    writeFileSync(join(root, ".gitignore"), "*.bin\n")
    await writeFile(root, "a.txt", "x")
    expect((await refusal(writeFile(root, "other.bin", "x"))).kind).toBe("too_large")
  })
})

describe("what is not an ordinary file", () => {
  test("links are not followed, neither as file nor as folder", async () => {
    symlinkSync(outside, join(root, "out"))
    symlinkSync(join(outside, "secret"), join(root, "leak.txt"))
    symlinkSync(join(outside, "new"), join(root, "dangling"))
    symlinkSync("..", join(root, "up"))
    for (const path of ["out/secret", "leak.txt", "dangling", "up/outside/secret"]) {
      expect((await refusal(writeFile(root, path, "x"))).detail).toContain("link")
      expect((await refusal(readFile(root, path))).detail).toContain("link")
    }
    await refusal(deleteFile(root, "out/secret"))
    await refusal(renameFile(root, "leak.txt", "mine.txt"))
    await writeFile(root, "a.txt", "x")
    await refusal(renameFile(root, "a.txt", "out/a.txt"))
    expect(await paths()).toEqual(["a.txt"])
    expect(await searchFiles(root, "secret")).toEqual([])
    await deleteFile(root, "leak.txt")
    expect(readdirSync(outside)).toEqual(["secret"])
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("top secret")
  })

  test("a hard link is replaced, not written through", async () => {
    linkSync(join(outside, "secret"), join(root, "hard"))
    await writeFile(root, "hard", "mine")
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("top secret")
    expect(await readFile(root, "hard")).toBe("mine")
  })

  test("a pipe or a socket blocks nothing", async () => {
    Bun.spawnSync(["mkfifo", join(root, "pipe")])
    expect((await refusal(readFile(root, "pipe"))).detail).toContain("not an ordinary file")
    await refusal(writeFile(root, "pipe", "x"))
    await refusal(renameFile(root, "pipe", "x"))
    expect(await paths()).toEqual([])
    expect(await searchFiles(root, "x")).toEqual([])
  })

  test("a folder is no file and a file is no folder", async () => {
    await writeFile(root, "src/a.js", "1")
    expect((await refusal(writeFile(root, "src", "x"))).detail).toContain("folder")
    expect((await refusal(readFile(root, "src"))).detail).toContain("folder")
    await refusal(deleteFile(root, "src"))
    await refusal(renameFile(root, "src", "lib"))
    expect((await refusal(writeFile(root, "src/a.js/b", "x"))).detail).toContain("not a folder")
    expect(await refusal(readFile(root, "src/a.js/b"))).toBeInstanceOf(AppError)
  })

  test("a file that is not text is not read as text", async () => {
    writeFileSync(join(root, "a.png"), new Uint8Array([0x89, 0x50, 0, 1]))
    writeFileSync(join(root, "latin.txt"), new Uint8Array([0x63, 0xe9]))
    expect((await refusal(readFile(root, "a.png"))).detail).toContain("not a text file")
    await refusal(readFile(root, "latin.txt"))
  })
})

test("a running command that swaps a folder for a link never moves a write outside", async () => {
  mkdirSync(join(root, "src"))
  const swapper = Bun.spawn(
    [
      "bash",
      "-c",
      `cd ${root}; while :; do mv src real 2>/dev/null; ln -sfn ${outside} src; rm -f src; mv real src 2>/dev/null || mkdir -p src; done`,
    ],
    { stdout: "ignore", stderr: "ignore" },
  )
  let written = 0
  try {
    for (let at = 0; at < 1500; at++) {
      await writeFile(root, `src/f${at % 20}`, `${at}`).then(
        () => written++,
        (error: unknown) => {
          if (!(error instanceof AppError)) throw error
        },
      )
      await readFile(root, "src/secret").then(
        (text) => expect(text).toBeNull(),
        (error: unknown) => expect(error).toBeInstanceOf(AppError),
      )
    }
  } finally {
    swapper.kill("SIGKILL")
    await swapper.exited
  }
  expect(written).toBeGreaterThan(0)
  expect(readdirSync(outside)).toEqual(["secret"])
})

describe("whole or not at all", () => {
  test("a reader sees the old or the new text, never a part", async () => {
    const [a, b] = ["a".repeat(400_000), "b".repeat(400_000)]
    await writeFile(root, "f", a)
    const reader = Bun.spawn([
      "bun",
      "-e",
      `const fs=require("fs");let ok=0;for(let i=0;i<400;i++){const t=fs.readFileSync(${JSON.stringify(join(root, "f"))},"utf8");if(t.length!==400000||new Set([t[0],t.at(-1)]).size!==1)process.exit(3);ok++}process.exit(0)`,
    ])
    while (reader.exitCode === null) {
      await writeFile(root, "f", b)
      await writeFile(root, "f", a)
      await new Promise(setImmediate)
    }
    expect(await reader.exited).toBe(0)
  })

  test("what a killed server left is swept, what is being written now is not", async () => {
    mkdirSync(scratchOf(root))
    for (const name of ["old", "new"]) writeFileSync(join(scratchOf(root), name), "")
    utimesSync(join(scratchOf(root), "old"), 0, 0)
    await writeFile(root, "a", "1")
    expect(readdirSync(scratchOf(root))).toEqual(["new"])
  })

  test("a refused write leaves no file and no folder that was not there", async () => {
    await refusal(writeFile(root, "deep/er/x\0", "x"))
    expect(readdirSync(root)).toEqual([])
  })
})

test("text stays as it is: CRLF, byte order mark, no last line end; the executable bit stays", async () => {
  const text = "\ufeffone\r\ntwo\nthree"
  expect(await writeFile(root, "run.sh", text)).toEqual({ added: 3, removed: 0, created: true })
  expect(await readFile(root, "run.sh")).toBe(text)
  chmodSync(join(root, "run.sh"), 0o755)
  expect(await writeFile(root, "run.sh", `${text}\nfour\n`)).toEqual({ added: 2, removed: 1, created: false })
  expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o755)
  expect(await readFile(root, "missing/x.txt")).toBeNull()
})

test("delete and rename clear the folders that they leave empty", async () => {
  await writeFile(root, "a/b/c.txt", "1\n2\n")
  await writeFile(root, "a/keep.txt", "1")
  await renameFile(root, "a/b/c.txt", "x/y.txt")
  expect(existsSync(join(root, "a/b"))).toBe(false)
  await refusal(renameFile(root, "x/y.txt", "a/keep.txt"))
  expect(await deleteFile(root, "x/y.txt")).toEqual({ removed: 2 })
  expect((await refusal(deleteFile(root, "x/y.txt"))).kind).toBe("not_found")
  expect((await refusal(renameFile(root, "nope", "b"))).kind).toBe("not_found")
  expect(await paths()).toEqual(["a/keep.txt"])
  expect(lstatSync(root).isDirectory()).toBe(true)
})

test("a list leaves out what git would, packages and names that cannot be committed", async () => {
  for (const path of [
    "a.log",
    "keep.log",
    "dist/x.js",
    "src/dist/y.js",
    "src/.gitignore",
    "src/tmp/z",
    ".git/config",
    ".GIT/x",
    "node_modules/p/index.js",
    "src/node_modules/q",
  ]) {
    mkdirSync(join(root, path, ".."), { recursive: true })
    writeFileSync(join(root, path), "needle")
  }
  writeFileSync(join(root, ".gitignore"), "*.log\n!keep.log\n/dist/\n")
  writeFileSync(join(root, "src/.gitignore"), "tmp/\n")
  writeFileSync(join(root, "bad\nname"), "needle")
  expect(await paths()).toEqual([".gitignore", "keep.log", "src/.gitignore", "src/dist/y.js"])
  expect((await searchFiles(root, "NEEDLE")).map((match) => match.path)).toEqual(["keep.log", "src/dist/y.js"])
  renameSync(join(root, "src"), join(root, "lib"))
  expect((await listFiles(root)).at(-1)).toEqual({ path: "lib/dist/y.js", size: 6 })
})

test("a project without a workspace has no files", async () => {
  const none = join(base, "none")
  expect(await listFiles(none)).toEqual([])
  expect(await readFile(none, "a")).toBeNull()
  expect(await searchFiles(none, "a")).toEqual([])
  await writeFile(none, "a/b", "1")
  expect(await readFile(none, "a/b")).toBe("1")
})
