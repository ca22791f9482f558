import { afterAll, beforeAll, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createGoChatClient, type GoChatClient } from "../../../shared/client.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { offeredTemplates } from "./templates.ts"

/** The demo, on processes: its Python example is there where Python and Flask are. */
const offered = offeredTemplates("process").some(({ name }) => name === "python-flask")

let server: TestServer
let client: GoChatClient

beforeAll(async () => {
  server = await startTestServer({ SANDBOX: "process" })
  const { cookie } = await server.signUp()
  client = createGoChatClient({ url: server.url, cookie })
}, 60_000)
afterAll(() => server.stop(), 60_000)

const has = (projectId: string, path: string) =>
  readFileSync(join(workspaceRoot(server.services.config, projectId), path), "utf8")

test.skipIf(!offered && process.env["CI"] !== "true")(
  "a wish for a Python app gets the Python starter, builds, passes its checks and is served; a change edits it",
  async () => {
    const { id, template } = await client.project.create.mutate({})
    expect(template).toBe("static")
    await client.build(id, "What can you do?")
    expect(has(id, "server.js")).toContain("Bun.serve")
    const built = await client.build(id, "Inventory tracker in Python")
    expect(built.checks).toMatchObject({ status: "success" })
    expect((await client.project.get.query({ projectId: id })).template).toBe("python-flask")
    const { files } = await client.file.tree.query({ projectId: id })
    expect(files.map(({ path }) => path)).not.toContain("server.js")
    const live = new URL("/parts?show=low", built.liveUrl ?? "")
    const parts = await fetch(`http://127.0.0.1:${new URL(server.url).port}${live.pathname}${live.search}`, {
      headers: { host: live.host },
    })
    expect(await parts.json()).toMatchObject({ summary: "8 parts, 3 to reorder", low: 3 })
    const changed = await client.build(id, "Download as a spreadsheet")
    expect(changed.checks).toMatchObject({ status: "success" })
    expect(has(id, "inventory.py")).toContain("def table_of")
  },
  90_000,
)

test("a template that a person chose stays, and the demo says why it does nothing there", async () => {
  const { id } = await client.project.create.mutate({ template: "react" })
  const built = await client.build(id, "Inventory tracker")
  expect(built.message.content).toContain("made for another template")
  expect((await client.project.get.query({ projectId: id })).template).toBe("react")
})
