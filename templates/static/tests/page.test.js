import { expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { extname, join } from "node:path"

const root = join(import.meta.dir, "..")
const html = await readFile(join(root, "index.html"), "utf8")

// What the page loads: addresses of this folder, not of other sites.
const files = [...html.matchAll(/(?:src|href)="([^"#?:]+)[^"]*"/g)]
  .map((match) => match[1])
  .filter((path) => extname(path) && !path.startsWith("//") && !path.startsWith("/store/"))

test("the page has a title and fits a phone", () => {
  expect(html).toMatch(/<title>[^<]+<\/title>/)
  expect(html).toContain('name="viewport"')
})

test.each(files)("%s, which the page loads, is there", (path) => {
  expect(existsSync(join(root, path))).toBe(true)
})

test("the scripts can be read by a browser", async () => {
  const scripts = new Bun.Glob("**/*.js").scanSync({ cwd: root })
  for (const path of scripts) {
    if (path.startsWith("node_modules/")) continue
    const source = await readFile(join(root, path), "utf8")
    expect(() => new Bun.Transpiler({ loader: "js" }).transformSync(source), path).not.toThrow()
  }
})
