import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { templateFiles } from "../../features/project/templates.ts"
import { putBunImage } from "../base-image.ts"
import { engineMissing } from "../engine.ts"
import { startRegistry, type TestRegistry } from "../registry.ts"
import { until } from "../until.ts"
import { call, Kit } from "./kit.ts"

setDefaultTimeout(60_000)
const kit = new Kit()
afterEach(() => kit.close())

/** The files of a starter as they are. */
const filesOf = (template: string): Record<string, string> =>
  Object.fromEntries([...templateFiles(template)].map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]))

describe.skipIf(engineMissing() !== null)("with a registry", () => {
  const login = { user: "gitlab-ci-token", password: "glcbt-jobs-0123456789" }
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await startRegistry([login])
    await putBunImage(registry, "oven/bun:1.4.5", login)
  })
  afterAll(() => registry.close())

  test("a starter's own pipeline builds its image and pushes it", async () => {
    const gitlab = await kit.gitlab({ registry: { host: registry.host, ...login } })
    const { id } = await gitlab.createProject({ path: "Shop", files: filesOf("static") })
    expect((await call(gitlab, `GET /projects/${id}`)).body).toMatchObject({
      container_registry_enabled: true,
      container_registry_image_prefix: `${registry.host}/go-chat/shop`,
    })
    await until(() => gitlab.pipelines(id)[0]?.finishedAt != null, 60_000)
    const [pipeline] = gitlab.pipelines(id)
    const logs = pipeline?.jobs.map((job) => Buffer.concat(job.trace).toString()).join("\n") ?? ""
    expect(pipeline?.status, logs).toBe("success")
    expect(pipeline?.jobs.map(({ name, stage }) => `${stage} ${name}`)).toEqual([
      "validate validate",
      "build build",
      "test test",
      "deploy deploy",
    ])
    expect(logs).not.toContain(login.password)
    const headers = { authorization: `Basic ${btoa(`${login.user}:${login.password}`)}` }
    const tags = await fetch(`http://${registry.host}/v2/go-chat/shop/tags/list`, { headers })
    expect(await tags.json()).toEqual({ name: "go-chat/shop", tags: [await gitlab.head(id)] })
    expect(gitlab.violations).toEqual([])
  })
})

test("jobs and their rules know the branch, and what people set for the project and for the pipeline", async () => {
  const gitlab = await kit.gitlab()
  const checks = `
tell:
  script: ['echo "<$CI_COMMIT_BRANCH $CI_DEFAULT_BRANCH $CI_COMMIT_REF_SLUG $CI_PIPELINE_SOURCE $COLOUR $KEY $SECRET>"']
  variables: { COLOUR: red, KEY: of the file, SECRET: none }
only-main: { script: ["true"], rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH }] }
by-hand: { script: ["true"], rules: [{ if: $CI_PIPELINE_SOURCE == "api" }] }
pack: { script: ["true"], rules: [{ if: $CI_REGISTRY }] }
`
  const { id } = await gitlab.createProject({ path: "shop", files: { ".gitlab-ci.yml": checks } })
  await call(gitlab, `POST /projects/${id}/variables`, { key: "COLOUR", value: "blue" })
  await call(gitlab, `POST /projects/${id}/variables`, { key: "SECRET", value: "kept-for-main", protected: true })
  await gitlab.commit(id, { "a.txt": "a" }, { branch: "try/it", startBranch: "main" })
  await gitlab.settled()
  const [pushed] = gitlab.pipelines(id)
  expect(pushed?.jobs.map(({ name }) => name)).toEqual(["tell"])
  expect(logOf(pushed?.jobs[0])).toContain("<try/it main try-it push blue of the file none>")

  const variables = [{ key: "KEY", value: "of the pipeline" }]
  await call(gitlab, `POST /projects/${id}/pipeline`, { ref: "main", variables })
  await gitlab.settled()
  const [asked] = gitlab.pipelines(id)
  expect(asked?.jobs.map(({ name }) => name)).toEqual(["tell", "only-main", "by-hand"])
  expect(logOf(asked?.jobs[0])).toContain("<main main main api blue of the pipeline kept-for-main>")
  expect(gitlab.violations).toEqual([])
})

const logOf = (job: { trace: Uint8Array[] } | undefined): string => Buffer.concat(job?.trace ?? []).toString()
