import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { connect } from "node:net"
import { eq } from "drizzle-orm"
import { forgeDeliveries } from "../../drizzle/schema/forge.ts"
import { newId } from "../lib/ids.ts"
import { hookSigningToken, hookToken } from "../ports/forge/gitlab/signature.ts"
import { contractFolder, contractJson } from "../testing/gitlab/contract/data.ts"
import { signature } from "../testing/gitlab/hooks/sign.ts"
import { Kit } from "../testing/gitlab/kit.ts"
import {
  type LinkedProject,
  type LinkedServer,
  startLinkedServer,
  webhookSecret,
} from "../testing/gitlab/linked-server.ts"
import { startTestServer } from "../testing/server.ts"
import { until } from "../testing/until.ts"
import { hookBytes } from "./webhook-body.ts"
import { webhookRoute } from "./webhooks.ts"

setDefaultTimeout(30_000)
const kit = new Kit()
let linked: LinkedServer
let shop: LinkedProject

beforeAll(async () => {
  linked = await startLinkedServer(await kit.gitlab())
  shop = await linked.project()
  shop.pipeline.set("check", "running").set("check", "success")
  await until(async () => (await shop.build()).status === "success")
  await linked.gitlab.settled()
  // What GitLab sends by itself must not be counted with what is sent here.
  linked.gitlab.hooks.fate = () => "drop"
})
afterAll(async () => {
  await linked.stop()
  await kit.close()
})
beforeEach(async () => {
  await linked.server.services.db.delete(forgeDeliveries)
})

const rows = () => linked.server.services.db.select().from(forgeDeliveries).orderBy(forgeDeliveries.receivedAt)
const byToken = (projectId = shop.id) => ({ "x-gitlab-token": hookToken(webhookSecret, projectId) })
const pipelineEvent = (more: object = {}) => ({
  object_kind: "pipeline",
  object_attributes: { id: shop.pipeline.pipeline.id, ref: "main", status: "running" },
  project: { id: shop.remoteId },
  ...more,
})

function signed(body: string, { at = Date.now() / 1000, id = newId(), key = "" } = {}) {
  const timestamp = String(Math.floor(at))
  const signing = key === "" ? hookSigningToken(webhookSecret, shop.id) : key
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature(signing, id, timestamp, body),
  }
}

/** The status, and that a refusal is told as all others are. */
async function statusOf(answer: Response): Promise<number> {
  if (answer.status >= 400) {
    expect(answer.headers.get("content-type")).toBe("application/problem+json")
    expect(await answer.json()).toMatchObject({
      status: answer.status,
      instance: expect.stringContaining("/webhooks/"),
    })
  }
  return answer.status
}
const send = async (body: unknown, headers: Record<string, string> = byToken(), projectId = shop.id) =>
  statusOf(await linked.hook(projectId, body, headers))

describe("a message", () => {
  test("that shows the token or is signed is stored before it is worked on", async () => {
    const { services } = linked.server
    const kicks: number[] = []
    const { sync } = services
    services.sync = { ...sync, kick: () => void rows().then((all) => kicks.push(all.length)) }
    try {
      expect(await send(pipelineEvent(), { ...byToken(), "idempotency-key": "one" })).toBe(200)
      const body = JSON.stringify(pipelineEvent())
      expect(await send(body, signed(body, { id: "two" }))).toBe(200)
      const merge = {
        object_kind: "merge_request",
        project: { id: shop.remoteId },
        object_attributes: { target_branch: "main" },
      }
      const push = { object_kind: "push", project_id: shop.remoteId, ref: "refs/heads/feature/login" }
      const job = { object_kind: "build", project_id: shop.remoteId, ref: "main", commit: { id: 77 } }
      for (const event of [merge, push, job]) expect(await send(event)).toBe(200)
      await until(() => kicks.length === 5)
      expect(await rows()).toMatchObject([
        { key: `${shop.id}:one`, event: "pipeline", pipeline: shop.pipeline.pipeline.id, branch: "main", handledAt: null },
        { key: `${shop.id}:two`, event: "pipeline" },
        { event: "merge_request", pipeline: null, branch: "main" },
        { event: "push", pipeline: null, branch: "feature/login" },
        { event: "build", pipeline: 77, branch: "main" },
      ]) // prettier-ignore
    } finally {
      services.sync = sync
    }
  })

  test("is worked on once, however often it comes, and only for its own project", async () => {
    const other = await linked.project()
    const before = linked.gitlab.requests.length
    for (const _ of [1, 2, 3])
      expect(await send(pipelineEvent(), { ...byToken(), "idempotency-key": "same" })).toBe(200)
    expect(await rows()).toHaveLength(1)
    await until(async () => (await rows()).every(({ handledAt }) => handledAt !== null))
    const looks = () => linked.gitlab.requests.slice(before).filter(({ path }) => path.includes(`/projects/${shop.remoteId}/pipelines/`)) // prettier-ignore
    expect(looks()).toHaveLength(1)
    const foreign = { ...pipelineEvent(), project: { id: other.remoteId } }
    expect(await send(foreign, { ...byToken(other.id), "idempotency-key": "same" }, other.id)).toBe(200)
    expect(await rows()).toHaveLength(2)
    // Without a key it is known by what it says.
    for (const _ of [1, 2]) expect(await send(pipelineEvent({ x: 1 }))).toBe(200)
    expect(await send(pipelineEvent({ x: 2 }))).toBe(200)
    expect(await send(pipelineEvent(), { ...byToken(), "idempotency-key": "k".repeat(5_000) })).toBe(200)
    const keys = (await rows()).map(({ key }) => key.length)
    expect(keys).toHaveLength(5)
    expect(Math.max(...keys)).toBeLessThan(150)
  })

  test("that nobody sent, or long ago, is refused", async () => {
    const body = JSON.stringify(pipelineEvent())
    const late = Date.now() / 1000 - 301
    const others = hookSigningToken(webhookSecret, newId())
    const refused: Record<string, string>[] = [
      {},
      { "x-gitlab-token": "" },
      { "x-gitlab-token": "wrong" },
      byToken(newId()),
      signed(body, { at: late }),
      signed(body, { key: others }),
      signed(`${body} `),
      { ...byToken(), ...signed(body, { key: others }) },
      { ...byToken(), "webhook-signature": "" },
      { authorization: `Bearer ${hookToken(webhookSecret, shop.id)}` },
    ]
    for (const headers of refused) expect([headers, await send(body, headers)]).toEqual([headers, 401])
    expect(await rows()).toEqual([])
  })

  test("about another project, or one that is not here, is nobody's", async () => {
    const elsewhere = [
      pipelineEvent({ project: { id: shop.remoteId + 1 } }),
      pipelineEvent({ project: undefined }),
      pipelineEvent({ project: { id: String(shop.remoteId) } }),
      { object_kind: "build", project_id: shop.remoteId + 1, pipeline_id: 1 },
      { object_kind: "build", project: { id: shop.remoteId }, pipeline_id: 1 },
    ]
    for (const body of elsewhere) expect([body, await send(body)]).toEqual([body, 404])
    const nowhere = newId()
    expect(await send(pipelineEvent(), byToken(nowhere), nowhere)).toBe(404)
    const { id: unlinked } = await linked.client.project.create.mutate({ title: "Here only" })
    expect(await send(pipelineEvent(), byToken(unlinked), unlinked)).toBe(404)
    for (const id of ["x", "%00", "..%2f", "1", nowhere.slice(1)])
      expect([id, await send({}, byToken(id), id)]).toEqual([id, 404])
    expect(await rows()).toEqual([])
  })

  test("of a project that was removed is nobody's, and what is stored of it goes with it", async () => {
    const gone = await linked.project()
    expect(await send(pipelineEvent({ project: { id: gone.remoteId } }), byToken(gone.id), gone.id)).toBe(200)
    await linked.client.project.remove.mutate({ projectId: gone.id })
    expect(await send(pipelineEvent({ project: { id: gone.remoteId } }), byToken(gone.id), gone.id)).toBe(404)
    const left = linked.server.services.db.select().from(forgeDeliveries).where(eq(forgeDeliveries.projectId, gone.id))
    expect(await left).toEqual([])
  })

  test("of a kind that we have no use for is fine", async () => {
    for (const body of [
      { object_kind: "note", project: { id: 1 } },
      { object_kind: "tag_push" },
      { event_name: "x" },
      [],
      1,
      null,
    ]) {
      expect([body, await send(body, { ...byToken(), "x-gitlab-event": "Note Hook" })]).toEqual([body, 200])
    }
    expect(await rows()).toEqual([])
  })

  test("that is no JSON is refused", async () => {
    const broken = [
      "",
      "{",
      "x=1",
      '{"object_kind":"push"',
      JSON.stringify(pipelineEvent()).replace("pipeline", "pipe\u0000line"),
    ]
    for (const body of broken) expect([body, await send(body)]).toEqual([body, 400])
    const bytes = new Uint8Array([...new TextEncoder().encode('{"object_kind":"'), 0xff, 0x22, 0x7d])
    const answer = await fetch(`${linked.server.url}/webhooks/gitlab/${shop.id}`, {
      method: "POST",
      body: bytes,
      headers: byToken(),
    })
    expect(await statusOf(answer)).toBe(400)
    expect(await rows()).toEqual([])
  })
})

test("no page and no account is asked for; other methods and addresses are not there", async () => {
  const browser = { ...byToken(), origin: "https://elsewhere.example", cookie: "a=b", "sec-fetch-site": "cross-site" }
  expect(await send(pipelineEvent(), browser)).toBe(200)
  const url = `${linked.server.url}/webhooks`
  for (const path of ["", "/gitlab", "/gitlab/", `/gitlab/${shop.id}/x`, `/github/${shop.id}`]) {
    const answer = await fetch(url + path, { method: "POST", body: "{}", headers: byToken() })
    expect([path, answer.status]).toEqual([path, 404])
  }
  for (const method of ["GET", "PUT", "DELETE"]) {
    expect([method, (await fetch(`${url}/gitlab/${shop.id}`, { method, headers: byToken() })).status]).toEqual([
      method,
      404,
    ])
  }
})

test("a server without a GitLab has no such door", async () => {
  const plain = await startTestServer()
  try {
    const answer = await fetch(`${plain.url}/webhooks/gitlab/${newId()}`, { method: "POST", body: "{}" })
    expect(await statusOf(answer)).toBe(404)
  } finally {
    await plain.stop()
  }
})

test.skipIf(contractFolder() === null)(
  "GitLab's own examples are taken, and stored when they tell us something",
  async () => {
    const folder = contractFolder() ?? ""
    const index = (await contractJson(folder, "webhooks/index.json")) as { file: string; x_gitlab_event: string }[]
    expect(index.length).toBeGreaterThan(25)
    for (const { file, x_gitlab_event } of index) {
      const body = (await contractJson(folder, `webhooks/${file}`)) as { project_id?: number; project: { id: number } }
      const ours = { ...body, project: { ...body.project, id: shop.remoteId }, ...(body.project_id === undefined ? {} : { project_id: shop.remoteId }) } // prettier-ignore
      expect([file, await send(ours, { ...byToken(), "x-gitlab-event": x_gitlab_event })]).toEqual([file, 200])
      expect([file, await send(body)]).toEqual([file, file.startsWith("tag_push") ? 200 : 404])
    }
    const stored = await rows()
    expect(stored).toHaveLength(index.filter(({ file }) => !file.startsWith("tag_push")).length)
    for (const { event, pipeline } of stored) expect(pipeline !== null).toBe(["pipeline", "build"].includes(event))
  },
)

test.skipIf(contractFolder() === null)("the published signatures hold or fail at the door as they should", async () => {
  const file = (await contractJson(contractFolder() ?? "", "webhooks/signature-vectors.json")) as {
    vectors: { name: string; now: number; headers: Record<string, string>; body: string; accept: boolean }[]
  }
  // The door's own key and clock: what held is signed anew for now, what did not is as it was made wrong.
  for (const { name, now, headers, body, accept } of file.vectors) {
    const [shift, stamp] = [Number(headers["webhook-timestamp"]) - now, headers["webhook-timestamp"]]
    const timestamp = String(Math.floor(Date.now() / 1000) + (Number.isFinite(shift) ? shift : 0))
    const right = signature(hookSigningToken(webhookSecret, shop.id), headers["webhook-id"] ?? "", timestamp, body)
    const sent: Record<string, string> = {
      ...headers,
      ...(stamp === undefined ? {} : { "webhook-timestamp": timestamp }),
    }
    if (accept) sent["webhook-signature"] = `v2,AAAA v1,AAAA ${right}`
    const status = await send(body, sent)
    // Its project is the example's, so what is genuine is of another project.
    expect([name, status]).toEqual([name, accept ? 404 : 401])
  }
})

describe("a large message", () => {
  /** A pipeline of many jobs; exactly so many bytes. */
  function large(bytes: number): Uint8Array<ArrayBuffer> {
    const job = { id: 1, stage: "test", name: "check", status: "success", user: { name: "Ann" }, runner: null, allow_failure: false } // prettier-ignore
    const empty = JSON.stringify(pipelineEvent({ builds: [] })).length
    const count = Math.floor((bytes - empty) / (JSON.stringify(job).length + 1))
    const text = JSON.stringify(pipelineEvent({ builds: Array.from({ length: count }, () => job) }))
    return new TextEncoder().encode(text + " ".repeat(bytes - text.length))
  }
  const post = (body: BodyInit, headers: Record<string, string> = byToken()) =>
    fetch(`${linked.server.url}/webhooks/gitlab/${shop.id}`, { method: "POST", body, headers })

  test("of 25 MB is taken, a larger one refused, also when it does not say how large it is", async () => {
    const [most, more] = [large(hookBytes), large(hookBytes + 1)]
    const streamed = (bytes: Uint8Array<ArrayBuffer>) =>
      new ReadableStream({
        start(controller) {
          for (let from = 0; from < bytes.length; from += 1 << 20)
            controller.enqueue(bytes.slice(from, from + (1 << 20)))
          controller.close()
        },
      })
    expect(await statusOf(await post(most))).toBe(200)
    expect(await statusOf(await post(streamed(most), { ...byToken(), "idempotency-key": "streamed" }))).toBe(200)
    expect(await rows()).toHaveLength(2)
    expect(await statusOf(await post(more))).toBe(413)
    expect(await statusOf(await post(streamed(more)))).toBe(413)
    expect(await rows()).toHaveLength(2)
  })

  test("that is nothing but brackets is refused at once; brackets in words are words", async () => {
    const began = performance.now()
    expect(await statusOf(await post("[".repeat(hookBytes)))).toBe(400)
    expect(await statusOf(await post(`{"object_kind":"pipeline","x":${'{"a":'.repeat(1_000_000)}`))).toBe(400)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(await send(pipelineEvent({ commit: { message: `\\"${"[{".repeat(1_000)}` } }))).toBe(200)
    expect(await rows()).toHaveLength(1)
  })

  test("does not hold up the others for long", async () => {
    const body = large(hookBytes)
    let [longest, last] = [0, performance.now()]
    const clock = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    try {
      expect(await statusOf(await post(body, { ...byToken(), ...signed(new TextDecoder().decode(body)) }))).toBe(200)
    } finally {
      clearInterval(clock)
    }
    // Some 100 ms here, with the sender in the same process.
    expect(longest).toBeLessThan(1_000)
  })

  test("that is cut off or too slow is given up, and its room is free again", async () => {
    const route = webhookRoute(linked.server.services, { bodyMs: 200 })
    const slow = () =>
      new Request(`http://x/webhooks/gitlab/${shop.id}`, {
        method: "POST",
        headers: signed("never"),
        body: new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) }),
      })
    // More than there is room for: those that wait are given up, too.
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => route(slow(), shop.id)))
    for (const answer of answers) expect(answer).toMatchObject({ status: "rejected", reason: { kind: "unavailable" } })
    const body = JSON.stringify(pipelineEvent())
    const request = new Request("http://x/", { method: "POST", headers: signed(body), body })
    expect((await route(request, shop.id)).status).toBe(200)

    const { port } = new URL(linked.server.url)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        const head = `POST /webhooks/gitlab/${shop.id} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-gitlab-token: ${byToken()["x-gitlab-token"]}\r\ncontent-length: 1000\r\n\r\n{`
        socket.write(head, () => socket.end(() => socket.destroy()))
      })
      socket.on("close", () => resolve())
    })
    expect(await send(pipelineEvent(), { ...byToken(), "idempotency-key": "after" })).toBe(200)
  })

  test("of somebody without the token is refused before it is read", async () => {
    let read = 0
    const body = new ReadableStream({
      pull(controller) {
        read++
        controller.enqueue(new Uint8Array(1 << 20))
      },
    })
    const route = webhookRoute(linked.server.services)
    const request = new Request("http://x/", { method: "POST", headers: { "x-gitlab-token": "wrong" }, body })
    await expect(route(request, shop.id)).rejects.toMatchObject({ kind: "unauthorized" })
    expect(read).toBeLessThan(3)
  })
})
