import { afterAll, beforeEach, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SandboxError } from "../../ports/sandbox/port.ts"
import { readAppSpec } from "./devcontainer.ts"

const home = mkdtempSync(join(tmpdir(), "gochat-devcontainer-"))
let root: string
let count = 0

beforeEach(() => {
  root = join(home, String(count++))
  mkdirSync(join(root, ".devcontainer"), { recursive: true })
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const write = (text: string) => writeFileSync(join(root, ".devcontainer/devcontainer.json"), text)
/** With a way to run it, so that only the rest is looked at. */
const given = (file: object) => write(JSON.stringify({ ...file, customizations: { gochat: { dev: "serve" } } }))
const draft = () => readAppSpec(root, "draft")
const reasonOf = async () => {
  const error = await readAppSpec(root, "draft").catch((error: unknown) => error)
  expect(error).toBeInstanceOf(SandboxError)
  return (error as SandboxError).reason
}

test("reads comments and trailing commas; a draft runs dev, a release start after install and build", async () => {
  write(`{
    // how it runs
    "image": "oven/bun:1.4.5",
    "containerEnv": { "A": "1", "KEY": "\${localEnv:CLAUDE_API_KEY}x" },
    "postCreateCommand": ["bun", "install", "it's"],
    "customizations": { "gochat": { "dev": "bun dev", "build": "bun build", "start": "bun start", "health": "/up", }, },
  }`)
  expect(await readAppSpec(root, "draft")).toEqual({
    image: { type: "name", name: "oven/bun:1.4.5" },
    port: 3000,
    command: "bun dev",
    health: "/up",
    env: { A: "1", KEY: "x" },
    postCreateCommand: String.raw`( 'bun' 'install' 'it'\''s'` + "\n)",
  })
  expect(await readAppSpec(root, "release")).toMatchObject({
    command: "bun start",
    postCreateCommand: String.raw`( 'bun' 'install' 'it'\''s'` + "\n) && ( bun build\n)",
  })
})

test.each([
  ["static", "oven/bun:1.4.5", "bun "],
  ["react", "oven/bun:1.4.5", "bun "],
  ["python-flask", "python:3.13-slim", "python3 "],
  ["go", "golang:1.25", "dist/app"],
])("the template %s can be read", async (name, image, command) => {
  const folder = join(import.meta.dir, "../../../templates", name)
  for (const mode of ["draft", "release"] as const) {
    const spec = await readAppSpec(folder, mode)
    expect(spec).toMatchObject({ image: { type: "name", name: image }, port: 3000, health: "/" })
    expect(spec.command).toContain(command)
  }
})

test("a Dockerfile is found from the folder of the file, in both spellings", async () => {
  writeFileSync(join(root, "Dockerfile"), "FROM scratch")
  given({
    image: "ignored",
    build: { dockerfile: "../Dockerfile", context: "..", target: "app", args: { A: "${localEnv:HOME:x}y" } },
  })
  expect((await draft()).image).toEqual({
    type: "dockerfile",
    dockerfile: "Dockerfile",
    context: ".",
    target: "app",
    args: { A: "xy" },
  })
  writeFileSync(join(root, ".devcontainer/app.Dockerfile"), "FROM scratch")
  given({ dockerFile: "app.Dockerfile" })
  expect((await draft()).image).toEqual({
    type: "dockerfile",
    dockerfile: ".devcontainer/app.Dockerfile",
    context: ".devcontainer",
    target: null,
    args: {},
  })
})

test.each([
  [{ build: { dockerfile: "../../Dockerfile" } }, "build.dockerfile: ../../Dockerfile is outside the project"],
  [{ build: { dockerfile: "/etc/passwd" } }, "build.dockerfile: /etc/passwd is outside"],
  [{ build: { dockerfile: "${localWorkspaceFolder}/../../x" } }, "is outside the project"],
  [{ build: { dockerfile: "Dockerfile" } }, "there is no file .devcontainer/Dockerfile"],
  [{ build: { dockerfile: "devcontainer.json", context: "../.." } }, "build.context: ../.. is outside the project"],
  [{ build: { dockerfile: "link" } }, "there is no file .devcontainer/link"],
  [{ forwardPorts: ["web"] }, "forwardPorts.0"],
  [{ forwardPorts: [70_000] }, "forwardPorts.0"],
  [{ image: "two words" }, "image"],
])("%j is refused in words", async (file, words) => {
  symlinkSync("/etc/passwd", join(root, ".devcontainer/link"))
  given(file)
  expect(await reasonOf()).toContain(words)
})

test("the port is the first that is forwarded; what is for editors may say what it likes", async () => {
  given({ forwardPorts: [8080, 9000], features: { "ghcr.io/x/y:1": {} }, remoteUser: "node", mounts: [1] })
  expect(await draft()).toMatchObject({ port: 8080, image: null })
  given({ forwardPorts: ["web:5000"] })
  expect((await draft()).port).toBe(5000)
  given({ forwardPorts: [] })
  expect((await draft()).port).toBe(3000)
})

test("references are filled in, and none tells of the server", async () => {
  given({
    containerEnv: {
      LIB: "${containerWorkspaceFolder}/lib",
      NAME: "${localWorkspaceFolderBasename}-${devcontainerId}",
      HOME_OF: "${localEnv:HOME}",
      MODE: "${localEnv:MODE:quiet}",
      OLD: "${containerEnv:PATH}",
      SHELL_LIKE: "${HOME}",
    },
    postCreateCommand: { one: "cd ${containerWorkspaceFolder} && true", two: ["echo", "${localEnv:HOME}."] },
  })
  expect(await draft()).toMatchObject({
    env: { LIB: "./lib", NAME: "workspace-", HOME_OF: "", MODE: "quiet", OLD: "", SHELL_LIKE: "${HOME}" },
    postCreateCommand: "( ( cd . && true\n) && ( 'echo' '.'\n)\n)",
  })
})

test("references that never end cost no time, and too long a value is refused", async () => {
  const words = ["${localEnv:" + "a".repeat(30_000), "${localEnv:A:".repeat(2_400), "${localEnv:".repeat(2_900)]
  given({ containerEnv: Object.fromEntries(words.map((word, at) => [`W${at}`, word])), postCreateCommand: "true" })
  const began = performance.now()
  expect((await draft()).env["W0"]).toBe(words[0])
  expect(performance.now() - began).toBeLessThan(1_000)
  given({ containerEnv: { W: "a".repeat(40_000) } })
  await expect(draft()).rejects.toThrow("containerEnv.W")
})

test("without the file a Go module or a Python program says how", async () => {
  rmSync(join(root, ".devcontainer"), { recursive: true })
  writeFileSync(join(root, "main.py"), "")
  expect(await draft()).toMatchObject({
    image: { name: "python:3.13-slim" },
    command: "python3 main.py",
    postCreateCommand: null,
  })
  writeFileSync(join(root, "app.py"), "")
  writeFileSync(join(root, "requirements.txt"), "flask")
  expect(await draft()).toMatchObject({
    command: "python3 app.py",
    postCreateCommand: expect.stringContaining("-r requirements.txt"),
    env: { PYTHONPATH: ".packages" },
  })
  writeFileSync(join(root, "go.mod"), "module x")
  expect(await draft()).toMatchObject({ image: { name: "golang:1.25" }, command: "go run ." })
})

test("without the file the scripts of package.json say how", async () => {
  writeFileSync(join(root, "package.json"), '{"scripts":{"dev":"x","start":"y"}}')
  expect((await readAppSpec(root, "draft")).command).toBe("bun run dev")
  expect((await readAppSpec(root, "release")).command).toBe("bun run start")
})

test("what is wrong is said with the place", async () => {
  expect(await reasonOf()).toContain("Nothing says how to run this app")
  write("{ oops")
  expect(await reasonOf()).toContain("devcontainer.json is not JSON")
  write('{"containerEnv": {"A": 5}}')
  expect(await reasonOf()).toContain("containerEnv.A")
  write('{"customizations":{"gochat":{"dev":"x","health":"http://evil"}}}')
  expect(await reasonOf()).toContain("customizations.gochat.health")
})

test("a link in its place is the app's fault and is not followed", async () => {
  const path = join(root, ".devcontainer/devcontainer.json")
  rmSync(path, { force: true })
  symlinkSync("/etc/hostname", path)
  const failed = await draft().catch((error: unknown) => error)
  rmSync(path)
  expect(failed).toBeInstanceOf(SandboxError)
  expect(String(failed)).toContain("links are not followed")
})
