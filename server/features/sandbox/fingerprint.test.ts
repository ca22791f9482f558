import { afterAll, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fingerprint } from "./fingerprint.ts"

const root = mkdtempSync(join(tmpdir(), "gochat-fingerprint-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

test("changes with what a running app does not notice by itself, and with nothing else", async () => {
  write(".devcontainer/devcontainer.json", '{"customizations":{"gochat":{"dev":"bun server.js"}}}')
  write("package.json", '{"scripts":{"dev":"bun ./api/main.ts"}}')
  write("server.js", 'import { a } from "./lib/a.js"')
  write("lib/a.js", 'import "../../outside.js"; export const a = 1')
  write("api/main.ts", 'import "./routes"')
  write("api/routes.ts", "export {}")
  write("app.js", "page()")
  const changed = async (path: string, text: string) => {
    const before = await fingerprint(root)
    write(path, text)
    return (await fingerprint(root)) !== before
  }
  expect(await changed("app.js", "other()")).toBe(false)
  expect(await changed("index.html", "<h1>x</h1>")).toBe(false)
  expect(await changed("README.md", "words")).toBe(false)
  expect(await changed("server.js", 'import { a } from "./lib/a.js"; a()')).toBe(true)
  expect(await changed("lib/a.js", "export const a = 2")).toBe(true)
  expect(await changed("api/routes.ts", "export const b = 1")).toBe(true)
  expect(await changed("package.json", '{"dependencies":{"x":"1"}}')).toBe(true)
  expect(await changed("bun.lock", "{}")).toBe(true)
  expect(await changed(".devcontainer/devcontainer.json", "{}")).toBe(true)
  expect(await changed("app.py", "import shop")).toBe(true)
  expect(await changed("shop/rules.py", "low = 3")).toBe(true)
  expect(await changed("internal/store/store.go", "package store")).toBe(true)
  expect(await changed("go.mod", "module shop")).toBe(true)
  expect(await changed(".devcontainer/Dockerfile", "FROM scratch")).toBe(true)
  expect(await changed("templates/index.html", "<p>")).toBe(false)
  expect(await changed("tests/test_app.py", "pass")).toBe(false)
  expect(await changed("store_test.go", "package store")).toBe(false)
  write(".gitignore", ".packages/")
  expect(await changed(".packages/flask/app.py", "x")).toBe(false)
})

test("however many files there are, it ends", async () => {
  for (let index = 0; index < 600; index++) write(`many/part${index}.py`, "x = 1")
  const began = performance.now()
  await fingerprint(root)
  expect(performance.now() - began).toBeLessThan(2_000)
})

test("however long a word is, it ends; the programs among others are found", async () => {
  write("package.json", `{"a":"${"a".repeat(400_000)}","b":"${"./b".repeat(100_000)}","c":"x.json;long.name.mjs.map"}`)
  const began = performance.now()
  const before = await fingerprint(root)
  expect(performance.now() - began).toBeLessThan(2_000)
  write("long.name.mjs", "1")
  expect(await fingerprint(root)).not.toBe(before)
})
