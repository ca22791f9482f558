import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { eq } from "drizzle-orm"
import { account } from "../../../drizzle/schema/account.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"

let server: TestServer
let userId: string

beforeAll(async () => {
  server = await startTestServer()
  userId = (await server.signUp("mia@example.com")).userId
})
afterAll(() => server.stop())

const signIn = (password: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url, ...headers },
    body: JSON.stringify({ email: "mia@example.com", password }),
  })

describe("sign-in", () => {
  test("the password is kept as argon2id with the cost that was chosen", async () => {
    const [row] = await server.services.db.select().from(account).where(eq(account.userId, userId))
    expect(row?.password).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$")
  })

  test("a sign-out ends the session, not only the cookie", async () => {
    const signedIn = await signIn("correct horse", { "x-gochat-ip": "10.0.0.1" })
    expect(signedIn.status).toBe(200)
    const cookie = signedIn.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ")
    const out = await fetch(`${server.url}/api/auth/sign-out`, {
      method: "POST",
      headers: { cookie, origin: server.url },
    })
    expect(out.status).toBe(200)
    const session = await fetch(`${server.url}/api/auth/get-session?disableCookieCache=true`, { headers: { cookie } })
    expect(await session.json()).toBeNull()
  })

  test("guessing is stopped by the address of the socket, whatever the headers say", async () => {
    const answers: Response[] = []
    for (let round = 0; round < 11; round++) {
      const address = `10.1.2.${round}`
      answers.push(
        await signIn("wrong guess", { "x-forwarded-for": address, "x-gochat-ip": address, "x-real-ip": address }),
      )
    }
    // One was used up above.
    expect(answers.slice(0, 9).map((answer) => answer.status)).toEqual(Array(9).fill(401))
    const last = answers.at(-1)
    expect(last?.status).toBe(429)
    expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(await last?.json()).toMatchObject({ kind: "rate_limited", retryable: true })
    // Also the right password waits.
    expect((await signIn("correct horse")).status).toBe(429)
  })
})
