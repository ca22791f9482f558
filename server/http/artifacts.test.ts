import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Build } from "../../shared/build.ts"
import { createGoChatClient, type GoChatClient } from "../../shared/client.ts"
import { inTransaction } from "../features/event/transaction.ts"
import { recordVersion } from "../features/version/record.ts"
import { newId } from "../lib/ids.ts"
import { startTestServer, type TestServer } from "../testing/server.ts"

setDefaultTimeout(60_000)

let server: TestServer
let mia: { client: GoChatClient; apiKey: string }
let ben: { client: GoChatClient; apiKey: string }
let projectId: string
let build: Build

beforeAll(async () => {
  server = await startTestServer()
  mia = await person()
  ben = await person()
  projectId = (await mia.client.project.create.mutate({ title: "Shop" })).id
  build = await check(`
a:
  script: [mkdir -p out, "echo '<script>alert(1)</script>' > 'out/a b é.html'"]
  artifacts: {paths: [out/]}`)
})
afterAll(() => server.stop())

async function person() {
  const { apiKey } = await server.signUp()
  return { apiKey, client: createGoChatClient({ url: server.url, apiKey }) }
}

/** A version with this checks file, once its checks have ended. */
async function check(yaml: string): Promise<Build> {
  const { services } = server
  const workTree = await mkdtemp(join(tmpdir(), "artifacts-"))
  await Bun.write(join(workTree, ".gitlab-ci.yml"), yaml)
  const author = { name: "Mia", email: "mia@example.com" }
  const commit = await services.repository.commit(projectId, { workTree, message: "x", author, ref: "refs/heads/main" })
  await rm(workTree, { recursive: true })
  if (commit === null) throw new Error("nothing to commit")
  await inTransaction(services, (tx) => recordVersion(services, tx, projectId, commit, { runId: null, title: "x" }))
  services.builds.kick()
  for (;;) {
    const [newest] = (await mia.client.build.list.query({ projectId })).builds
    if (newest?.sha === commit.sha && newest.finishedAt !== null) return newest
    await Bun.sleep(30)
  }
}

const fetchAs = (who: { apiKey: string } | null, path: string) =>
  fetch(server.url + path, { headers: who === null ? {} : { "x-api-key": who.apiKey } })

test("a member downloads what a job left; a browser never takes it for a page", async () => {
  expect(build).toMatchObject({ status: "success", error: null })
  const { artifacts } = await mia.client.build.artifacts.query({ projectId, buildId: build.id })
  expect(artifacts.map(({ name, path }) => ({ name, path }))).toEqual([{ name: "a", path: "out/a b é.html" }])
  const answer = await fetchAs(mia, artifacts[0]?.url ?? "")
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe("<script>alert(1)</script>\n")
  expect(answer.headers.get("content-type")).toBe("application/octet-stream")
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff")
  expect(answer.headers.get("content-security-policy")).toContain("sandbox")
  expect(answer.headers.get("content-disposition")).toBe(
    `attachment; filename="a_b__.html"; filename*=UTF-8''a%20b%20%C3%A9.html`,
  )
})

test("nobody else does, and nothing else is served", async () => {
  const { artifacts } = await mia.client.build.artifacts.query({ projectId, buildId: build.id })
  const url = artifacts[0]?.url ?? ""
  expect((await fetchAs(null, url)).status).toBe(401)
  expect((await fetchAs(ben, url)).status).toBe(404)
  const base = `/artifacts/${projectId}/${build.id}/${build.jobs[0]?.id}`
  for (const path of [
    `${base}/none`,
    `${base}/`,
    `${base}/out`,
    `${base}/%2e%2e%2f%2e%2e%2fa`,
    `${base}/%ff`,
    `/artifacts/${projectId}/${build.id}/${newId()}/out/a`,
    `/artifacts/${newId()}/${build.id}/${newId()}/out/a`,
    `/artifacts/x/y/z/out/a`,
  ]) {
    expect({ path, status: (await fetchAs(mia, path)).status }).toEqual({ path, status: 404 })
  }
})

test("the log of a check over the wire, in pieces", async () => {
  const jobId = build.jobs[0]?.id ?? ""
  const whole = await mia.client.build.log.query({ projectId, buildId: build.id, jobId })
  expect(whole.complete).toBe(true)
  expect(whole.text).toContain("Job succeeded")
  const part = await mia.client.build.log.query({ projectId, buildId: build.id, jobId, from: 10 })
  expect(part.text).toBe(whole.text.slice(10))
})
