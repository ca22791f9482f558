import { expect, test } from "bun:test"
import { mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checkTemplate, offeredTemplates, templateFiles } from "./templates.ts"

test("with containers every starter is offered, the usual one first", () => {
  expect(offeredTemplates("docker").map(({ name }) => name)).toEqual(["static", "go", "python-flask", "react"])
  for (const template of offeredTemplates("docker")) {
    expect(Object.keys(template)).toEqual(["name", "title", "description"])
    expect(checkTemplate(template.name, "docker")).toBe(template.name)
  }
  expect(() => checkTemplate("cobol", "docker")).toThrow("There is no template of this name; there are: static, go")
})

/** What the question for a program finds, in a process whose machine has only these. */
function offeredWith(programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "gochat-programs-"))
  for (const name of programs) symlinkSync("/bin/true", join(folder, name))
  // The search path is fixed, so the folders on it are covered by one of our own.
  const code = `
    const real = Bun.spawnSync
    Bun.spawnSync = (argv, options) => real(argv, { ...options, env: { ...options.env, PATH: ${JSON.stringify(folder)} } })
    const { checkTemplate, offeredTemplates } = await import(${JSON.stringify(join(import.meta.dir, "templates.ts"))})
    let why = "allowed"
    try { checkTemplate("go", "process") } catch (error) { why = error.detail }
    console.log(offeredTemplates("process").map((one) => one.name).join(" ") + " | " + why)`
  try {
    return Bun.spawnSync([process.execPath, "-e", code]).stdout.toString().trim()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test("without containers only what this machine can run is offered, and the rest is refused in words", () => {
  expect(offeredWith(["go", "python3"])).toBe("static go python-flask react | allowed")
  const words = "The template “Go app” needs a program that this server does not have"
  expect(offeredWith(["python3"])).toBe(`static python-flask react | ${words}; there are: static, python-flask, react.`)
  expect(offeredWith([])).toBe(`static react | ${words}; there are: static, react.`)
})

test("a starter has all its files and none that trying it leaves behind", () => {
  const paths = [...templateFiles("python-flask")].map(({ path }) => path)
  expect(paths).toContain(".devcontainer/devcontainer.json")
  expect(paths).toContain("templates/index.html")
  expect(paths.filter((path) => /__pycache__|\.packages|\.pyc$/.test(path))).toEqual([])
  expect(() => [...templateFiles("../docs")]).toThrow("there is no template")
})
