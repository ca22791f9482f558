import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { contractFolder, contractJson } from "./contract/data.ts"
import { signature } from "./hooks/sign.ts"
import { call, Kit } from "./kit.ts"
import type { Receiver } from "./receiver.ts"
import type { Settings } from "./world.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
afterEach(() => kit.close())

const checks = "a: { script: ['true'] }\n"
const secrets = { token: "s3cret", signing_token: `whsec_${Buffer.alloc(32, 7).toString("base64")}` }
const all = { pipeline_events: true, job_events: false, push_events: false }

/** A project whose newest pipeline is in our hands, and a hook that tells of it. */
async function scripted(options: Partial<Settings> = {}, hook: object = all) {
  const gitlab = await kit.gitlab(options)
  const hooks = await kit.receiver()
  const { id } = await gitlab.createProject({
    path: "shop",
    pipelines: "scripted",
    files: { ".gitlab-ci.yml": checks },
  })
  await gitlab.settled()
  const made = await call(gitlab, `POST /projects/${id}/hooks`, { url: hooks.url, ...secrets, ...hook })
  return { gitlab, hooks, id, hookId: made.body.id as number, pipeline: gitlab.script(id) }
}

const statuses = (hooks: Receiver): string[] =>
  hooks.got.map(({ body }) => (JSON.parse(body) as { object_attributes: { status: string } }).object_attributes.status)
const keys = (hooks: Receiver): Set<string | null> => new Set(hooks.got.map(({ headers }) => headers.get("idempotency-key"))) // prettier-ignore

interface Vectors {
  signing_token: string
  vectors: { name: string; headers: Record<string, string>; body: string; accept: boolean }[]
}

test.skipIf(contractFolder() === null)("signatures are those of the vectors", async () => {
  const { signing_token, vectors } = (await contractJson(contractFolder() ?? "", "webhooks/signature-vectors.json")) as Vectors // prettier-ignore
  for (const { headers, body, accept } of vectors) {
    const made = signature(signing_token, headers["webhook-id"] ?? "", headers["webhook-timestamp"] ?? "", body)
    if (accept) expect(headers["webhook-signature"]?.split(" ")).toContain(made)
  }
  expect(vectors.filter(({ accept }) => accept).length).toBeGreaterThan(2)
})

describe("bodies", () => {
  test.skipIf(contractFolder() === null)("have the keys of GitLab's examples", async () => {
    const { gitlab, hooks, id, pipeline } = await scripted({}, { push_events: true, pipeline_events: true, job_events: true }) // prettier-ignore
    pipeline.set("a", "running").set("a", "failed", { failureReason: "script_failure" })
    await gitlab.commit(id, { "b.txt": "b" })
    await gitlab.settled()
    const missing = async (kind: string, file: string) => {
      const bodies = hooks.got.map(({ body }) => JSON.parse(body) as { object_kind: string })
      const made = new Set(bodies.filter(({ object_kind }) => object_kind === kind).flatMap((body) => shapeOf(body)))
      const example = shapeOf(await contractJson(contractFolder() ?? "", `webhooks/${file}`))
      return example.filter((path) => !made.has(path) && !path.includes(".environment."))
    }
    expect(await missing("pipeline", "pipeline.derived.running.json")).toEqual([])
    expect(await missing("push", "push.docs.json")).toEqual([])
    expect(await missing("build", "job.derived.failed.json")).toEqual([])
  })

  test("are made when they are sent, and signed", async () => {
    const { gitlab, hooks, pipeline } = await scripted()
    gitlab.hooks.hold()
    pipeline.set("a", "running").set("a", "success")
    await gitlab.hooks.release()
    expect(statuses(hooks)).toEqual(["success", "success"])
    for (const { headers, body } of hooks.got) {
      const id = headers.get("webhook-id") ?? ""
      expect(id).toBe(headers.get("idempotency-key") ?? "none")
      const made = signature(secrets.signing_token, id, headers.get("webhook-timestamp") ?? "", body)
      expect(headers.get("webhook-signature")).toBe(made)
      expect(headers.get("x-gitlab-token")).toBe("s3cret")
    }
  })
})

describe("deliveries", () => {
  test("come twice under one key, late, or never, in any order", async () => {
    const { gitlab, hooks, pipeline } = await scripted()
    gitlab.hooks.next(1, "duplicate")
    pipeline.set("a", "pending")
    await gitlab.settled()
    expect([hooks.got.length, keys(hooks).size]).toEqual([2, 1])
    gitlab.hooks.next(1, "drop")
    pipeline.set("a", "preparing")
    await gitlab.settled()
    expect(hooks.got).toHaveLength(2)
    gitlab.hooks.next(1, { lateMs: 50 })
    pipeline.set("a", "running").set("a", "success")
    await gitlab.settled()
    const order = gitlab.hooks.deliveries.slice(-2).map(({ key }) => key)
    gitlab.hooks.hold()
    pipeline.set("a", "failed").set("a", "canceled").set("a", "skipped")
    const held = gitlab.hooks.held.map(({ key }) => key)
    await gitlab.hooks.release("reversed")
    expect(new Set([...held, ...order]).size).toBe(5)
    expect(gitlab.hooks.deliveries.slice(-3).map(({ key }) => key).toSorted()).toEqual(held.toSorted()) // prettier-ignore
  })

  test("are listed, and sent again under their key", async () => {
    const { gitlab, hooks, id, hookId, pipeline } = await scripted()
    hooks.status = 500
    pipeline.set("a", "running")
    await gitlab.settled()
    const events = await call(gitlab, `GET /projects/${id}/hooks/${hookId}/events?status=server_failure`)
    expect(events.body).toMatchObject([{ response_status: "500", trigger: "pipeline_hooks" }])
    hooks.status = 200
    const again = `POST /projects/${id}/hooks/${hookId}/events/${events.body[0].id}/resend`
    expect(await call(gitlab, again)).toMatchObject({ status: 201, body: { response_status: 200 } })
    expect([hooks.got.length, keys(hooks).size]).toEqual([2, 1])
    for (let i = 0; i < 4; i++) await call(gitlab, again)
    expect((await call(gitlab, again)).status).toBe(429)
    expect(await call(gitlab, `POST /projects/${id}/hooks/${hookId}/test/push_events`)).toMatchObject({ status: 201 })
    expect(gitlab.violations).toEqual([])
  })

  test("stop when a hook fails too often, until it is tried", async () => {
    const { gitlab, hooks, id, hookId, pipeline } = await scripted({ autoDisableHooks: true })
    hooks.status = 500
    for (const status of ["running", "success", "failed", "canceled", "skipped"] as const) {
      pipeline.set("a", status)
      await gitlab.settled()
    }
    expect(hooks.got).toHaveLength(4)
    const read = async () => (await call(gitlab, `GET /projects/${id}/hooks/${hookId}`)).body
    expect(await read()).toMatchObject({ alert_status: "temporarily_disabled", disabled_until: expect.any(String) })
    hooks.status = 200
    await call(gitlab, `POST /projects/${id}/hooks/${hookId}/test/pipeline_events`)
    expect(await read()).toMatchObject({ alert_status: "executable", disabled_until: null })
  })

  test("do not go to this machine where that is forbidden", async () => {
    const { gitlab, hooks, id, hookId, pipeline } = await scripted()
    gitlab.settings.localHooks = false
    pipeline.set("a", "running")
    await gitlab.settled()
    expect(hooks.got).toHaveLength(0)
    expect(gitlab.hooks.deliveries.at(-1)).toMatchObject({ status: null, error: expect.stringContaining("local network") }) // prettier-ignore
    const refused = await call(gitlab, `POST /projects/${id}/hooks`, { url: "http://10.0.0.1/" })
    expect(refused).toMatchObject({ status: 422, body: { error: "Invalid url given" } })
    const tried = await call(gitlab, `POST /projects/${id}/hooks/${hookId}/test/pipeline_events`)
    expect(tried.status).toBe(422)
  })
})

test("a hook that goes elsewhere loses its token", async () => {
  const { gitlab, id, hookId } = await scripted()
  const change = (body: object) => call(gitlab, `PUT /projects/${id}/hooks/${hookId}`, body)
  expect((await change({ job_events: true })).body.token_present).toBe(true)
  expect((await change({ url: "http://127.0.0.1:9/" })).body.token_present).toBe(false)
  expect((await change({ url: "http://127.0.0.1:8/", token: "new" })).body.token_present).toBe(true)
  expect(gitlab.violations).toEqual([])
})

test("300 events go out as fast as they can", async () => {
  const { gitlab, hooks, pipeline } = await scripted()
  gitlab.hooks.fate = (_, number) => (number % 3 === 0 ? "duplicate" : "send")
  for (let i = 0; i < 300; i++) pipeline.tell()
  await gitlab.settled()
  expect([hooks.got.length, keys(hooks).size]).toEqual([400, 300])
}, 15_000)

/** The paths of all keys, those of lists under one. */
function shapeOf(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : shapeOf(value[0], `${at}[]`)
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${at}.${key}`, ...shapeOf(inner, `${at}.${key}`)])
}
