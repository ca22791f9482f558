import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { createGoChatClient } from "../../../shared/client.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"

setDefaultTimeout(30_000)

const app = `bun -e 'Bun.serve({ port: process.env.PORT, hostname: "127.0.0.1", fetch: () => new Response("up") })'`

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ SANDBOX: "process", MAX_CONTAINERS_PER_USER: "1" })
})
afterAll(() => server.stop())

async function person(email: string) {
  const { cookie } = await server.signUp(email)
  return createGoChatClient({ url: server.url, cookie })
}

async function projectOf(api: Awaited<ReturnType<typeof person>>, title: string): Promise<string> {
  const { id: projectId } = await api.project.create.mutate({ title })
  // In one write: an app whose files change starts again, and has no place for a moment.
  await api.file.write.mutate({ projectId, path: "package.json", content: JSON.stringify({ scripts: { dev: app } }) })
  return projectId
}

test("a person sees and frees what counts for the limit; an admin sees everybody's, and puts it to sleep", async () => {
  const admin = await person("ada@example.com")
  const ben = await person("ben@example.com")
  expect(await ben.sandbox.running.query()).toEqual([])
  const shop = await projectOf(ben, "Shop")
  const draft = (projectId: string) => ({ projectId, kind: "draft" as const })

  await ben.sandbox.start.mutate(draft(shop))
  const [known, ...others] = await ben.sandbox.running.query()
  expect(known).toMatchObject({ projectId: shop, title: "Shop", kind: "draft", sha: null })
  expect(known?.url).toContain("draft--shop.")
  expect(others).toEqual([])
  expect(await admin.sandbox.running.query()).toEqual([])

  const list = await projectOf(ben, "List")
  const refused = await ben.sandbox.start.mutate(draft(list)).catch((error: unknown) => error)
  expect(refused).toMatchObject({ data: { kind: "limit_containers" } })
  expect(await ben.sandbox.get.query(draft(list))).toMatchObject({ state: "absent", cause: "limit" })
  await ben.sandbox.stop.mutate(draft(shop))
  expect(await ben.sandbox.start.mutate(draft(list))).toMatchObject({ cause: null })

  const all = await admin.admin.sandboxes.query()
  expect(all).toMatchObject({ mode: "process", egress: null })
  expect(all.running).toMatchObject([{ projectId: list, title: "List", slug: "list", owner: "ben@example.com" }])
  expect(JSON.stringify(all)).not.toContain(shop)
  await admin.admin.stopSandbox.mutate(draft(list))
  expect((await admin.admin.sandboxes.query()).running).toEqual([])
  expect(await ben.sandbox.get.query(draft(list))).toMatchObject({ state: "asleep" })
})
