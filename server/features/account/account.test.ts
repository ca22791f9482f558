import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { eq } from "drizzle-orm"
import { apikey, user } from "../../../drizzle/schema/account.ts"
import { projects } from "../../../drizzle/schema/project.ts"
import type { AccountEvent } from "../../../shared/account.ts"
import { createGoChatClient, type GoChatClient, TRPCClientError } from "../../../shared/client.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"

let server: TestServer
let cookie: string
let api: GoChatClient

beforeAll(async () => {
  server = await startTestServer()
  ;({ cookie } = await server.signUp("mia@example.com"))
  api = createGoChatClient({ url: server.url, cookie })
})
afterAll(() => server.stop())

const signIn = async (email: string) => {
  const answer = await fetch(`${server.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ email, password: "correct horse" }),
  })
  const { token } = (await answer.json()) as { token: string }
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ")
  return { cookie, token }
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "OK",
    (error: unknown) => (error instanceof TRPCClientError ? String(error.data?.code) : String(error)),
  )

/** Opens `account.watch`; resolves when it stands. */
function watch(client: GoChatClient) {
  const events: AccountEvent[] = []
  const opened = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const subscription = client.account.watch.subscribe(undefined, {
    onStarted: () => opened.resolve(),
    onData: (event) => events.push(event),
    onError: (error) => {
      opened.resolve()
      ended.resolve(String(error.data?.code))
    },
  })
  return { events, opened: opened.promise, ended: ended.promise, close: () => subscription.unsubscribe() }
}

describe("my account", () => {
  test("is what I made it and can be renamed", async () => {
    expect(await api.account.get.query()).toMatchObject({ email: "mia@example.com", role: "admin" })
    expect(await api.account.update.mutate({ name: "  Mia M. " })).toMatchObject({ name: "Mia M." })
    expect(await api.account.get.query()).toMatchObject({ name: "Mia M." })
  })
})

describe("sessions", () => {
  test("are listed, and one that is revoked can do nothing and sees nothing any more", async () => {
    const other = await signIn("mia@example.com")
    const there = createGoChatClient({ url: server.url, cookie: other.cookie })
    const watching = watch(there)
    await watching.opened

    const listed = await api.account.sessions.query()
    expect(listed.filter((session) => session.current)).toHaveLength(1)
    const theirs = (await there.account.sessions.query()).find((session) => session.current)
    expect(theirs).toMatchObject({ ipAddress: "127.0.0.1", userAgent: expect.stringContaining("Bun") })

    const began = performance.now()
    await api.account.revokeSession.mutate({ sessionId: theirs?.id ?? "" })
    expect(await watching.ended).toBe("UNAUTHORIZED")
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(await codeOf(there.account.update.mutate({ name: "Ghost" }))).toBe("UNAUTHORIZED")
    expect(await codeOf(api.account.revokeSession.mutate({ sessionId: theirs?.id ?? "" }))).toBe("NOT_FOUND")
    watching.close()
  })

  test("one that another process ended loses its stream within 5 s", async () => {
    const other = await signIn("mia@example.com")
    const there = createGoChatClient({ url: server.url, cookie: other.cookie })
    const watching = watch(there)
    await watching.opened
    const theirs = (await there.account.sessions.query()).find((session) => session.current)
    const began = performance.now()
    await server.services.db.$client`delete from session where id = ${theirs?.id ?? ""}`
    expect(await watching.ended).toBe("UNAUTHORIZED")
    expect(performance.now() - began).toBeLessThan(5_000)
    watching.close()
  })

  test("the token of a session works for programs, without a cookie and without an origin", async () => {
    const { token } = await signIn("mia@example.com")
    const answer = await fetch(`${server.url}/trpc/account.update`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ name: "Mia" }),
    })
    expect(answer.status).toBe(200)
  })

  test("a forged or changed cookie is nobody's", async () => {
    const forged = createGoChatClient({ url: server.url, cookie: cookie.replaceAll(/=(...)/g, "=abc") })
    expect(await codeOf(forged.account.get.query())).toBe("UNAUTHORIZED")
    expect(await codeOf(forged.account.update.mutate({ name: "x" }))).toBe("UNAUTHORIZED")
  })
})

describe("API keys", () => {
  test("work in both headers, far more than ten times, and are kept only as hashes", async () => {
    const made = await api.account.keys.create.mutate({ name: "robot" })
    const [row] = await server.services.db.select().from(apikey).where(eq(apikey.id, made.id))
    expect(JSON.stringify(row)).not.toContain(made.key)
    expect(JSON.stringify(await api.account.keys.list.query())).not.toContain(made.key)
    expect(made.key).toStartWith(made.start ?? "?")

    const robot = createGoChatClient({ url: server.url, apiKey: made.key })
    for (let round = 0; round < 25; round++) await robot.account.update.mutate({ name: "Mia" })
    const bearer = await fetch(`${server.url}/trpc/account.get`, { headers: { authorization: `Bearer ${made.key}` } })
    expect(bearer.status).toBe(200)
    const listed = (await api.account.keys.list.query()).find((key) => key.id === made.id)
    expect(listed?.lastUsedAt).not.toBeNull()
  })

  test("a removed key is refused, and what it watches ends", async () => {
    const made = await api.account.keys.create.mutate({ name: "soon gone" })
    const robot = createGoChatClient({ url: server.url, apiKey: made.key })
    const watching = watch(robot)
    await watching.opened
    await api.account.keys.remove.mutate({ keyId: made.id })
    expect(await watching.ended).toBe("UNAUTHORIZED")
    expect(await codeOf(robot.account.get.query())).toBe("UNAUTHORIZED")
    watching.close()
  })

  test("a wrong key is not helped by a good cookie beside it", async () => {
    const answer = await fetch(`${server.url}/trpc/account.get`, { headers: { cookie, "x-api-key": "gck_wrong" } })
    expect(answer.status).toBe(401)
  })

  test("cannot make or remove keys, end sessions or remove the account", async () => {
    const eve = await server.signUp("eve@example.com")
    const robot = createGoChatClient({ url: server.url, apiKey: eve.apiKey })
    const [key] = await robot.account.keys.list.query()
    const [session] = await robot.account.sessions.query()
    const refused = await Promise.all([
      codeOf(robot.account.keys.create.mutate({ name: "stays when the first is removed" })),
      codeOf(robot.account.keys.remove.mutate({ keyId: key?.id ?? "" })),
      codeOf(robot.account.revokeSession.mutate({ sessionId: session?.id ?? "" })),
      codeOf(robot.account.remove.mutate({ password: "correct horse" })),
    ])
    expect(refused).toEqual(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"])
  })

  test("of a disabled account do nothing", async () => {
    const ben = await server.signUp("ben@example.com")
    const robot = createGoChatClient({ url: server.url, apiKey: ben.apiKey })
    expect(await codeOf(robot.account.get.query())).toBe("OK")
    await server.services.db.update(user).set({ banned: true }).where(eq(user.id, ben.userId))
    expect(await codeOf(robot.account.get.query())).toBe("UNAUTHORIZED")
    const there = createGoChatClient({ url: server.url, cookie: ben.cookie })
    expect(await codeOf(there.account.update.mutate({ name: "x" }))).toBe("UNAUTHORIZED")
  })
})

describe("passwords", () => {
  test("cannot be tried one after the other where an account is removed", async () => {
    const { cookie } = await server.signUp("kim@example.com")
    const hers = createGoChatClient({ url: server.url, cookie })
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => codeOf(hers.account.remove.mutate({ password: `guess ${at}` }))),
    )
    expect(answers.filter((code) => code === "FORBIDDEN")).toHaveLength(5)
    expect(await codeOf(hers.account.remove.mutate({ password: "correct horse" }))).toBe("TOO_MANY_REQUESTS")
  })

  test("are not told right or wrong by an address of the library", async () => {
    const answer = await fetch(`${server.url}/api/auth/verify-password`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url, cookie },
      body: JSON.stringify({ password: "correct horse" }),
    })
    expect(answer.status).toBe(404)
  })
})

describe("leaving", () => {
  test("the only admin cannot leave others alone", async () => {
    expect(await codeOf(api.account.remove.mutate({ password: "correct horse" }))).toBe("UNPROCESSABLE_CONTENT")
  })

  test("needs the password, and takes everything along", async () => {
    const zoe = await server.signUp("zoe@example.com")
    const hers = createGoChatClient({ url: server.url, cookie: zoe.cookie })
    const { id } = await hers.project.create.mutate({ title: "Diary" })
    expect(await codeOf(hers.account.remove.mutate({ password: "wrong" }))).toBe("FORBIDDEN")
    await hers.account.remove.mutate({ password: "correct horse" })
    expect(await server.services.db.select().from(user).where(eq(user.id, zoe.userId))).toEqual([])
    expect(await server.services.db.select().from(projects).where(eq(projects.id, id))).toEqual([])
    expect(await codeOf(createGoChatClient({ url: server.url, apiKey: zoe.apiKey }).account.get.query())).toBe(
      "UNAUTHORIZED",
    )
  })
})
