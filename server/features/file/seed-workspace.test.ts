import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { listFiles, seedWorkspace, workspaceRoot } from "./workspace.ts"

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "gochat-seed-"))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test("a missing or empty workspace becomes the starter, one with files stays", async () => {
  for (const project of ["missing", "empty"]) {
    if (project === "empty") mkdirSync(workspaceRoot({ dataDir }, project), { recursive: true })
    expect(await seedWorkspace({ dataDir }, project, "static")).toBe(true)
    const paths = (await listFiles(workspaceRoot({ dataDir }, project))).map((file) => file.path)
    expect(paths).toContain("index.html")
    expect(paths).toContain(".devcontainer/devcontainer.json")
    expect(paths).toContain(".gitignore")
    expect(await seedWorkspace({ dataDir }, project, "static")).toBe(false)
  }
  const used = workspaceRoot({ dataDir }, "used")
  mkdirSync(used)
  writeFileSync(join(used, "mine"), "")
  expect(await seedWorkspace({ dataDir }, "used", "static")).toBe(false)
  expect(readdirSync(used)).toEqual(["mine"])
})

test("two at the same moment make one whole workspace, and nothing is left over", async () => {
  const seeded = await Promise.all([1, 2, 3].map(() => seedWorkspace({ dataDir }, "same", "static")))
  expect(seeded.filter(Boolean)).toHaveLength(1)
  expect(readdirSync(join(dataDir, "workspaces/.writing"))).toEqual([])
})

test("a template that does not exist leaves nothing behind", async () => {
  const seeded = seedWorkspace({ dataDir }, "none", "nope")
  expect(await seeded.catch(String)).toContain("template")
  expect(readdirSync(join(dataDir, "workspaces")).filter((name) => name !== ".writing")).toEqual([])
})
