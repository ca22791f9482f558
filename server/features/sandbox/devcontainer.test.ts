import { afterAll, beforeEach, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
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

test("each template of ours can be read", async () => {
  for (const name of ["static", "react"]) {
    const folder = join(import.meta.dir, "../../../templates", name)
    for (const mode of ["draft", "release"] as const) {
      expect((await readAppSpec(folder, mode)).command).toContain("bun")
    }
  }
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
