import { expect, test } from "bun:test"
import { firstFile, treeOf } from "./tree-model.ts"

const files = (...paths: string[]) => paths.map((path) => ({ path, size: 1 }))

test("paths become folders and files, folders first, each by name", () => {
  const tree = treeOf(files("z.js", "src/b.js", "src/ui/x.css", "a.js", "src/a.js"))
  expect(tree).toMatchObject([
    {
      kind: "folder",
      path: "src",
      children: [
        { kind: "folder", path: "src/ui", children: [{ path: "src/ui/x.css", name: "x.css" }] },
        { path: "src/a.js" },
        { path: "src/b.js" },
      ],
    },
    { kind: "file", path: "a.js" },
    { kind: "file", path: "z.js" },
  ])
})

test("what opens first is the page, then anything that is not hidden", () => {
  expect(firstFile(files(".gitlab-ci.yml", "app.js", "index.html"))).toBe("index.html")
  expect(firstFile(files(".gitlab-ci.yml", "server.ts"))).toBe("server.ts")
  expect(firstFile([])).toBeUndefined()
})
