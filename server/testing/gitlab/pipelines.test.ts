import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { zipSync } from "fflate"
import { buildStatus } from "../../../shared/build.ts"
import { until } from "../until.ts"
import { call, client, greenChecks, Kit } from "./kit.ts"
import type { GitLabDouble } from "./double.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
afterEach(() => kit.close())

const running = async (gitlab: GitLabDouble, yaml: string) =>
  (await gitlab.createProject({ path: "shop", files: { ".gitlab-ci.yml": yaml } })).id
const statusOf = (gitlab: GitLabDouble, id: number) => gitlab.pipelines(id)[0]?.status

test("a failed check fails the pipeline; run again it is another job of the same pipeline", async () => {
  const gitlab = await kit.gitlab()
  const outside = await kit.receiver()
  outside.status = 500
  const script = JSON.stringify(`bun -e 'process.exit((await fetch("${outside.url}")).ok ? 0 : 1)'`)
  const id = await running(gitlab, `a: { script: [${script}] }\nb: { stage: deploy, script: [echo deployed] }\n`)
  await until(() => statusOf(gitlab, id) === "failed")
  const [pipeline] = gitlab.pipelines(id)
  const names = async (query = "") =>
    (await call(gitlab, `GET /projects/${id}/pipelines/${pipeline?.id}/jobs${query}`)).body.map(
      (job: { name: string; status: string }) => `${job.name} ${job.status}`,
    )
  expect(await names()).toEqual(["b skipped", "a failed"])
  outside.status = 200
  expect((await call(gitlab, `POST /projects/${id}/pipelines/${pipeline?.id}/retry`)).status).toBe(201)
  await until(() => statusOf(gitlab, id) === "success")
  expect(await names("?include_retried=true")).toEqual(["a success", "b success", "a failed"])
  expect(await names()).toEqual(["a success", "b success"])
  expect(gitlab.pipelines(id)).toHaveLength(1)
  expect(gitlab.violations).toEqual([])
})

test("a manual check waits for a person; a long one can be canceled", async () => {
  const gitlab = await kit.gitlab()
  const id = await running(gitlab, "a: { script: ['true'] }\nb: { stage: deploy, when: manual, allow_failure: false, script: [sleep 30] }\n") // prettier-ignore
  await until(() => statusOf(gitlab, id) === "manual")
  await gitlab.settled()
  const api = client(gitlab)
  const job = gitlab.pipelines(id)[0]?.jobs.find(({ name }) => name === "b")
  expect(["pending", "running"]).toContain((await api.Jobs.play(id, job?.id ?? 0)).status)
  await until(() => job?.status === "running")
  expect(await call(gitlab, `POST /projects/${id}/pipelines/${gitlab.pipelines(id)[0]?.id}/cancel`)).toMatchObject({ status: 200, body: { status: "canceling" } }) // prettier-ignore
  await until(() => statusOf(gitlab, id) === "canceled")
  expect(gitlab.violations).toEqual([])
})

test("a file that is wrong, none at all, and words against checks", async () => {
  const gitlab = await kit.gitlab()
  const id = await running(gitlab, "a: { script: 7, colour: red }\n")
  await gitlab.settled()
  expect(gitlab.pipelines(id)).toMatchObject([{ status: "failed", jobs: [], yamlErrors: expect.any(String) }])
  const head = gitlab.project(id).defaultBranch
  expect((await call(gitlab, `POST /projects/${id}/pipeline`, { ref: head })).status).toBe(400)
  expect((await call(gitlab, `POST /projects/${id}/pipeline`, { ref: "none" })).body).toEqual({ message: { base: ["Reference not found"] } }) // prettier-ignore
  await gitlab.commit(id, { ".gitlab-ci.yml": null })
  await gitlab.settled()
  expect(gitlab.pipelines(id)).toHaveLength(1)
  expect((await call(gitlab, `POST /projects/${id}/pipeline`, { ref: head })).body).toEqual({ message: { base: ["Missing CI config file"] } }) // prettier-ignore
  await gitlab.commit(id, { ".gitlab-ci.yml": greenChecks }, { message: "Quiet [skip ci]" })
  await gitlab.settled()
  expect(gitlab.pipelines(id)[0]).toMatchObject({ status: "skipped", jobs: [] })
  const lint = (content: string) => call(gitlab, `POST /projects/${id}/ci/lint`, { content })
  expect(await lint("a: { script: 7 }")).toMatchObject({ status: 200, body: { valid: false } })
  expect(await lint(greenChecks)).toMatchObject({ status: 200, body: { valid: true, errors: [] } })
  expect(gitlab.violations).toEqual([])
})

test("Auto DevOps makes pipelines that nobody asked for, and without a runner nothing runs", async () => {
  const gitlab = await kit.gitlab({ runner: false })
  const { id } = await gitlab.createProject({ path: "shop", autoDevOps: true, files: { "a.txt": "a" } })
  await gitlab.settled()
  expect(gitlab.pipelines(id)).toMatchObject([{ status: "pending", jobs: [{ status: "pending" }, { status: "created" }] }]) // prettier-ignore
})

test("a script has all thirteen states, a log that grows and is erased, and artifacts at another host", async () => {
  const gitlab = await kit.gitlab({ artifactRedirect: true })
  const { id } = await gitlab.createProject({ path: "shop", pipelines: "scripted", files: { ".gitlab-ci.yml": "a: { script: ['true'] }" } }) // prettier-ignore
  await gitlab.settled()
  const script = gitlab.script(id)
  const read = async () => (await call(gitlab, `GET /projects/${id}/pipelines/${script.pipeline.id}`)).body.status
  for (const status of buildStatus.options) {
    script.set("a", status)
    expect(await read()).toBe(status)
  }
  script.setStatus("waiting_for_callback")
  expect(await read()).toBe("waiting_for_callback")
  const job = script.set("a", "running").job("a")
  const trace = async () => (await call(gitlab, `GET /projects/${id}/jobs/${job.id}/trace`)).body as string
  expect(await trace()).toBe("")
  script.log("a", "one\n").log("a", Uint8Array.of(0xff, 0x0a))
  expect(await trace()).toBe("one\n\uFFFD\n")
  script.set("a", "success", { artifacts: zipSync({ "a.txt": new Uint8Array(3) }) })
  const tokens: [string, string][] = [["private-token", gitlab.token], ["authorization", `Bearer ${gitlab.token}`]] // prettier-ignore
  for (const headers of tokens) {
    const zip = await fetch(`${gitlab.url}/api/v4/projects/${id}/jobs/${job.id}/artifacts`, { headers: [headers] })
    expect((await zip.bytes()).slice(0, 2)).toEqual(Uint8Array.of(0x50, 0x4b))
  }
  // What the other host gets to see is why a token belongs into `authorization`.
  expect(gitlab.storage.map(({ headers }) => [headers.get("private-token"), headers.get("authorization")])).toEqual([
    [gitlab.token, null],
    [null, null],
  ])
  await call(gitlab, `POST /projects/${id}/jobs/${job.id}/erase`)
  expect(await trace()).toBe("")
  expect((await call(gitlab, `GET /projects/${id}/jobs/${job.id}/artifacts`)).status).toBe(404)
  expect(gitlab.violations).toEqual([])
})
