import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { createGoChatClient } from "../../../shared/client.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"

setDefaultTimeout(30_000)

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

test("without a GitLab there is nothing to tell, and a look says what to set; only admins ask", async () => {
  const [admin, other] = [await server.signUp(), await server.signUp()].map(({ cookie }) =>
    createGoChatClient({ url: server.url, cookie }),
  )
  expect(await admin!.admin.forge.query()).toBeNull()
  const refused = await admin!.admin.checkForge.mutate().catch((error: unknown) => error)
  expect(refused).toMatchObject({ data: { kind: "not_found", detail: expect.stringContaining("Set GITLAB_URL") } })
  for (const ask of [() => other!.admin.forge.query(), () => other!.admin.checkForge.mutate()]) {
    expect(await ask().catch((error: unknown) => error)).toMatchObject({ data: { kind: "forbidden" } })
  }
})
