import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { projects } from "../../drizzle/schema/project.ts"
import { newId } from "../lib/ids.ts"
import { startTestServer, type TestServer } from "../testing/server.ts"
import { askPath, certificateQuestion } from "./ask.ts"

let server: TestServer
let sha: string
const slug = "shop"
const environment = { PUBLIC_URL: "https://chat.example.com", PREVIEW_DOMAIN: "apps.example.net" }

beforeAll(async () => {
  server = await startTestServer(environment)
  const { db, repository, config } = server.services
  const [projectId, workTree] = [newId(), join(config.dataDir, "files")]
  await db.insert(projects).values({ id: projectId, title: "Shop", slug, template: "static" })
  mkdirSync(workTree)
  writeFileSync(join(workTree, "index.html"), "<title>Shop</title>")
  await repository.create(projectId)
  const author = { name: "Pat", email: "pat@example.com" }
  const commit = await repository.commit(projectId, { workTree, message: "x", author, ref: "refs/heads/main" })
  sha = commit?.sha ?? ""
})
afterAll(() => server.stop())

const ask = async (domain: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(`${server.url}${askPath}?${new URLSearchParams({ domain })}`, { headers })).status

test("names of ours and of apps that there are may have a certificate", async () => {
  const short = sha.slice(0, 7)
  expect(short).toHaveLength(7)
  for (const name of ["chat.example.com", "CHAT.example.com."]) expect(await ask(name)).toBe(200)
  for (const name of [slug, `draft--${slug}`, `${short}--${slug}`])
    expect(await ask(`${name}.apps.example.net`)).toBe(200)
})

test("no other name may", async () => {
  const apps = [
    "nobody",
    "draft--nobody",
    `0000000--${slug}`,
    `${sha.slice(0, 8)}--${slug}`,
    `x.${slug}`,
    `other--${slug}`,
  ]
  const others = [
    "",
    "apps.example.net",
    "example.com",
    "chat.example.com.evil.test",
    `${slug}.apps.example.net.evil.test`,
  ]
  for (const name of [...apps.map((app) => `${app}.apps.example.net`), ...others]) {
    expect([name, await ask(name)]).toEqual([name, 404])
  }
})

test("only the proxy itself may ask, not who comes through it", async () => {
  expect(await ask("chat.example.com", { "x-forwarded-for": "198.51.100.1" })).toBe(404)
  const question = certificateQuestion(server.services)
  const request = () => new Request(`http://app${askPath}?domain=chat.example.com`)
  expect((await question(request(), false)).status).toBe(404)
  expect((await question(request(), true)).status).toBe(200)
})

test("a storm of names is cut short, and our own name is always answered", async () => {
  const question = certificateQuestion(server.services)
  const say = async (domain: string) =>
    (await question(new Request(`http://app${askPath}?${new URLSearchParams({ domain })}`), true)).status
  const storm = await Promise.all(Array.from({ length: 300 }, (_, index) => say(`s${index}.apps.example.net`)))
  expect(new Set(storm)).toEqual(new Set([404, 429]))
  expect(storm.filter((status) => status === 404).length).toBeLessThan(150)
  expect(await say("chat.example.com")).toBe(200)
})
