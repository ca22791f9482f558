import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { Server } from "bun"
import { eq } from "drizzle-orm"
import { session, user } from "../../../drizzle/schema/account.ts"
import { projectMembers, projects } from "../../../drizzle/schema/project.ts"
import { newId } from "../../lib/ids.ts"
import { page, startTestPreview, type TestPreview } from "../../testing/preview.ts"
import { Codes } from "./codes.ts"
import { believedMs } from "./membership.ts"
import { checkMs } from "./open-streams.ts"

let app: Server<undefined>
let preview: TestPreview
const draft = "draft--shop"

beforeAll(async () => {
  app = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request, server) => {
      if (request.headers.get("upgrade") === "websocket") return void server.upgrade(request)
      if (new URL(request.url).pathname !== "/events") return new Response("the app")
      return new Response(new ReadableStream({ start: (controller) => controller.enqueue("data: one\n\n") }), {
        headers: { "content-type": "text/event-stream" },
      })
    },
    websocket: { message: () => {} },
  })
  preview = await startTestPreview({ host: "127.0.0.1", port: app.port ?? 0 }, { believedMs: 0, checkMs: 30 })
})
afterAll(async () => {
  await preview.close()
  await app.stop(true)
})

const status = async (name: string, headers: Record<string, string> = {}, method = "GET") =>
  (await preview.get(name, "/data", { method, headers })).status

describe("who may look", () => {
  test("live is public, what is not ours is a page of ours", async () => {
    expect(await status("shop")).toBe(200)
    for (const name of ["unknown", "a--b--c", "xx--shop"]) expect(await status(name, page)).toBe(404)
  })

  test("a draft needs a pass: pages are sent to the door, calls are refused, strangers get nothing", async () => {
    const sent = await preview.get(draft, "/list?a=1", { headers: page })
    expect(sent.status).toBe(302)
    const to = new URL(sent.headers.get("location") ?? "")
    expect(to.origin + to.pathname).toBe(`${preview.services.config.publicUrl}/preview/enter`)
    expect(to.searchParams.get("host")).toBe(preview.host(draft))
    expect(to.searchParams.get("to")).toBe("/list?a=1")
    expect(await status(draft)).toBe(401)
    expect(await status("draft--unknown")).toBe(401)
    expect(await status(draft, { cookie: preview.pass(draft, preview.stranger) })).toBe(401)
    expect(await status(draft, { cookie: `${preview.pass(draft)}x` })).toBe(401)
    expect(await status(draft, { cookie: preview.pass(draft) })).toBe(200)
  })

  test("a pass is good on the host it was made for and nowhere else", async () => {
    expect(await status(draft, { cookie: preview.pass("abcdef1--shop") })).toBe(401)
    expect(await status("abcdef1--shop", { cookie: preview.pass(draft) })).toBe(401)
  })

  test("a version is found by its first digits, for members only", async () => {
    expect(await status("abcdef1--shop")).toBe(401)
    expect(await status("abcdef1--shop", { cookie: preview.pass("abcdef1--shop") })).toBe(200)
    expect(await status("1234567--shop", { cookie: preview.pass("1234567--shop") })).toBe(404)
  })

  test("a code is good once, for one host, for 30 seconds", () => {
    let now = 0
    const codes = new Codes(() => now)
    const holder = { projectId: "p", userId: "u", credentialId: "c" }
    const code = codes.mint({ host: "h", ...holder })
    expect(codes.redeem(code, "other")).toBeNull()
    expect(codes.redeem(code, "h")).toBeNull()
    const good = codes.mint({ host: "h", ...holder })
    expect(codes.redeem(good, "h")).toMatchObject(holder)
    expect(codes.redeem(good, "h")).toBeNull()
    const late = codes.mint({ host: "h", ...holder })
    now = 30_001
    expect(codes.redeem(late, "h")).toBeNull()
  })

  test("no spelling of another host is taken for a path to go on to", async () => {
    for (const to of [
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "/\t\\evil.example",
      "/.//evil.example",
      "x",
    ]) {
      const asked = await preview.get(draft, `/__gochat/enter?code=no&to=${encodeURIComponent(to)}`, { headers: page })
      expect(new URL(asked.headers.get("location") ?? "").searchParams.get("to")).toBe("/")
    }
  })

  test("a page of another app cannot use the visitor's pass; opening the draft can", async () => {
    const ask = (headers: Record<string, string>, method = "GET") =>
      status(draft, { cookie: preview.pass(draft), ...headers }, method)
    const sibling = { "sec-fetch-site": "same-site", origin: `http://${preview.host("evil")}` }
    expect(await ask({ ...sibling, "sec-fetch-mode": "no-cors" })).toBe(401)
    expect(await ask({ ...sibling, "sec-fetch-mode": "cors" }, "POST")).toBe(401)
    expect(await ask({ ...sibling, "sec-fetch-mode": "navigate" }, "POST")).toBe(401)
    expect(await ask({ origin: "http://evil.example" }, "POST")).toBe(401)
    expect(await ask({ "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate" })).toBe(200)
    expect(await ask({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }, "POST")).toBe(200)
    expect(await ask({ origin: `http://${preview.host(draft)}` }, "POST")).toBe(200)
  })
})

describe("a live app for members only", () => {
  const setAccess = async (liveAccess: "public" | "members") => {
    await preview.services.db.update(projects).set({ liveAccess }).where(eq(projects.id, preview.projectId))
    // As `inTransaction` does once it has committed.
    const event = { type: "project.changed", projectId: preview.projectId }
    preview.services.hub.publish([event as Parameters<typeof preview.services.hub.publish>[0][number]])
  }

  test("takes the road of the drafts, at once, and back", async () => {
    await setAccess("members")
    expect(await status("shop")).toBe(401)
    const sent = await preview.get("shop", "/", { headers: page })
    expect(sent.headers.get("location")).toStartWith(`${preview.services.config.publicUrl}/preview/enter?host=`)
    expect(await status("shop", { cookie: preview.pass("shop", preview.stranger) })).toBe(401)
    const shown = await preview.get("shop", "/", { headers: { cookie: preview.pass("shop") } })
    expect(shown.status).toBe(200)
    expect(shown.headers.get("content-security-policy")).toContain("frame-ancestors 'self'")
    expect(shown.headers.get("cache-control")).toBe("private")
    await setAccess("public")
    expect(await status("shop")).toBe(200)
  })

  test("ends the streams of those who were there before", async () => {
    const events = await preview.get("shop", "/events")
    const socket = await openSocket("shop", {})
    const ended = [endOf(events), socket.closed]
    await setAccess("members")
    await Promise.all(ended)
    await setAccess("public")
  })
})

describe("a pass ends", () => {
  const ways: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    [
      "with the session",
      () => preview.services.db.delete(session).where(eq(session.id, preview.member.sessionId)),
      () =>
        preview.services.db.insert(session).values({
          id: preview.member.sessionId,
          userId: preview.member.userId,
          token: newId(),
          expiresAt: new Date(Date.now() + 3_600_000),
        }),
    ],
    ["when the person is shut out", () => setBanned(true), () => setBanned(false)],
    [
      "when the person leaves the project",
      () => preview.services.db.delete(projectMembers).where(eq(projectMembers.userId, preview.member.userId)),
      () =>
        preview.services.db
          .insert(projectMembers)
          .values({ projectId: preview.projectId, userId: preview.member.userId, role: "owner" }),
    ],
  ]
  const setBanned = (banned: boolean) =>
    preview.services.db.update(user).set({ banned }).where(eq(user.id, preview.member.userId))

  test.each(ways)("%s, and open streams with it", async (_, end, undo) => {
    const headers = { cookie: preview.pass(draft) }
    const events = await preview.get(draft, "/events", { headers })
    const socket = await openSocket(draft, headers)
    expect(await status(draft, headers)).toBe(200)
    const ended = [endOf(events), socket.closed]
    await end()
    expect(await status(draft, headers)).toBe(401)
    await Promise.all(ended)
    await undo()
    expect(await status(draft, headers)).toBe(200)
  })

  test("within a minute", () => expect(believedMs + checkMs).toBeLessThanOrEqual(60_000))
})

/** Resolves when the stream has ended, in whichever way. */
async function endOf(answer: Response): Promise<void> {
  await answer.text().catch(() => {})
}

async function openSocket(name: string, headers: Record<string, string>) {
  const options: unknown = { headers: { host: preview.host(name), ...headers } }
  const socket = new WebSocket(`ws://127.0.0.1:${preview.port}/ws`, options as string[])
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  socket.addEventListener("open", () => opened.resolve())
  socket.addEventListener("error", () => opened.reject(new Error("the socket failed")))
  socket.addEventListener("close", () => closed.resolve())
  await opened.promise
  return { closed: closed.promise }
}
