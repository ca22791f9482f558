import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { createGoChatClient } from "../../../shared/client.ts"
import type { HealthReport } from "../../../shared/system.ts"
import type { RunningServer } from "../../server.ts"
import { startMessage } from "../../start-message.ts"
import { Kit } from "../../testing/gitlab/kit.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"
import { until } from "../../testing/until.ts"

setDefaultTimeout(30_000)
const kit = new Kit()
afterAll(() => kit.close())

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

const health = async ({ url }: TestServer) => (await (await fetch(`${url}/health`)).json()) as HealthReport

test("a server is up while its GitLab is away, says so to admins, and sees by itself or when asked that it is back", async () => {
  const gitlab = await kit.gitlab()
  await gitlab.away()
  const begun = performance.now()
  const own = await startTestServer({ GITLAB_URL: gitlab.url, GITLAB_TOKEN: gitlab.token })
  try {
    expect(performance.now() - begun).toBeLessThan(5_000)
    const { services } = own
    const database = { mode: "external", version: "18" } as RunningServer["database"]
    const said = startMessage(services.config, { services, database })
    expect(said).toContain(`GitLab, group go-chat of ${gitlab.url}`)
    expect(said).not.toContain(gitlab.token)

    const api = createGoChatClient({ url: own.url, cookie: (await own.signUp()).cookie })
    await until(async () => (await api.admin.forge.query())?.problems.length === 1)
    expect(await api.admin.forge.query()).toMatchObject({
      url: gitlab.url,
      group: "go-chat",
      version: null,
      problems: [expect.stringContaining("GitLab does not answer at")],
    })
    expect(await health(own)).toMatchObject({
      status: "degraded",
      services: { forge: "unhealthy", database: "healthy" },
    })

    await gitlab.back()
    expect(await api.admin.checkForge.mutate()).toMatchObject({ version: "19.5.1", problems: [], warnings: [] })
    expect(await api.admin.forge.query()).toMatchObject({ version: "19.5.1", problems: [] })
  } finally {
    await own.stop()
  }
})

test("a GitLab that lets this server in no more is no health", async () => {
  const gitlab = await kit.gitlab()
  const revoked = gitlab.addToken({ revoked: true }).value
  const own = await startTestServer({ GITLAB_URL: gitlab.url, GITLAB_TOKEN: revoked })
  try {
    expect(await health(own)).toMatchObject({ status: "degraded", services: { forge: "unhealthy" } })
    const { cookie } = await own.signUp()
    const found = await createGoChatClient({ url: own.url, cookie }).admin.checkForge.mutate()
    expect(found.problems).toEqual([expect.stringContaining("does not accept the access token")])
    expect(JSON.stringify(found)).not.toContain(revoked)
  } finally {
    await own.stop()
  }
})
