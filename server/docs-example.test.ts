import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createGoChatClient } from "go-chat/client"
import { type SpawnedServer, signUp, spawnServer } from "./testing/spawned-server.ts"

/** The example of docs/api.md is run as it stands there, in a program outside of this folder. */
const root = join(import.meta.dir, "..")
let server: SpawnedServer
let program: string

beforeAll(async () => {
  server = await spawnServer()
  program = await mkdtemp(join(tmpdir(), "go-chat-program-"))
  await mkdir(join(program, "node_modules"))
  await symlink(root, join(program, "node_modules", "go-chat"))
}, 60_000)
afterAll(async () => {
  await server.close()
  await rm(program, { recursive: true, force: true })
}, 60_000)

function block(markdown: string, language: string): string {
  const found = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms").exec(markdown)?.[1]
  if (found === undefined) throw new Error(`docs/api.md has no block of ${language}`)
  return found
}

test("the example of docs/api.md runs and prints what stands below it", async () => {
  const markdown = await readFile(join(root, "docs/api.md"), "utf8")
  await writeFile(join(program, "example.ts"), block(markdown, "ts"))
  const { apiKey } = await signUp(server.url)
  const example = Bun.spawn([process.execPath, "example.ts"], {
    cwd: program,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], GO_CHAT_URL: server.url, GO_CHAT_KEY: apiKey },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const [printed, problem] = await Promise.all([
    new Response(example.stdout).text(),
    new Response(example.stderr).text(),
  ])
  expect(problem).toBe("")
  expect(printed).toBe(block(markdown, "text").replaceAll(":3000", `:${server.port}`))
  expect(await example.exited).toBe(0)
}, 60_000)

test("the client is importable by the package's name", async () => {
  const info = await createGoChatClient({ url: server.url }).system.info.query()
  expect(info).toMatchObject({ demo: true, forge: "local" })
})
