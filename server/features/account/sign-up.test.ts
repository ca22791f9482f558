import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test"
import { createGoChatClient } from "../../../shared/client.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"
import { user } from "../../../drizzle/schema/account.ts"

let server: TestServer

const signUp = (email: string, more: object = {}) =>
  fetch(`${server.url}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ name: "Mia", email, password: "correct horse", ...more }),
  })

const roles = async () => {
  const rows = await server.services.db.select({ role: user.role }).from(user)
  return rows.map((row) => row.role).sort()
}

const signupState = async () => (await createGoChatClient({ url: server.url }).system.info.query()).signup

describe("the first account", () => {
  afterEach(() => server.stop())

  test("of several at the same moment exactly one finds the house empty and becomes admin", async () => {
    // With the smallest pool: a sign-up that needed one connection more than there are would wait for ever.
    server = await startTestServer({ DATABASE_POOL_SIZE: "2" })
    expect(await signupState()).toBe("first")
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => signUp(`mia${index}@example.com`)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 200])
    expect(await roles()).toEqual(["admin", "user", "user", "user", "user", "user"])
    expect(await signupState()).toBe("open")
  })

  test("closed sign-up still lets the very first account be made, and only that one", async () => {
    server = await startTestServer({ ENABLE_SIGNUP: "false" })
    expect(await signupState()).toBe("first")
    const answers = await Promise.all([signUp("mia@example.com"), signUp("ben@example.com"), signUp("ada@example.com")])
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 403, 403])
    expect(await roles()).toEqual(["admin"])
    expect(await signupState()).toBe("closed")

    const refused = await signUp("late@example.com")
    expect(refused.status).toBe(403)
    expect(refused.headers.get("content-type")).toBe("application/problem+json")
    expect(await refused.json()).toMatchObject({ status: 403, kind: "forbidden", code: "SIGNUP_CLOSED" })
    // Whether an address has an account is not told either.
    expect(await (await signUp("mia@example.com")).json()).toMatchObject({ code: "SIGNUP_CLOSED" })
  })
})

describe("sign-up", () => {
  beforeAll(async () => {
    server = await startTestServer()
    await signUp("mia@example.com")
  })
  afterAll(() => server.stop())

  test("nobody makes himself an admin", async () => {
    await signUp("sly@example.com", { role: "admin", banned: false })
    expect((await roles()).filter((role) => role === "admin")).toHaveLength(1)
  })

  test("the cookie can be read by no script, goes to no other host and only over a safe connection", async () => {
    const cookies = (await signUp("ben@example.com")).headers.getSetCookie()
    const session = cookies.find((cookie) => cookie.startsWith("__Host-gochat=")) ?? ""
    for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) expect(session).toContain(part)
    for (const cookie of cookies) {
      expect(cookie).toStartWith("__Host-gochat")
      expect(cookie).not.toContain("Domain")
    }
  })

  test.each([
    ["short password", { password: "short" }],
    ["no address", { email: "mia" }],
    ["an address that is no text", { email: 7 }],
    ["a long password", { password: "x".repeat(201) }],
  ])("%s is refused with words", async (_, more) => {
    const before = await roles()
    const answer = await signUp("ada@example.com", more)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    const { words, message } = (await answer.json()) as { words: string; message: string }
    expect(words.length).toBeGreaterThan(10)
    expect(message).toBe(words)
    expect(await roles()).toEqual(before)
  })

  test("an address has one account, however it is written", async () => {
    expect((await signUp("MIA@example.com")).status).toBe(422)
  })
})
