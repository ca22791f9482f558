import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { startTestServer, type TestServer } from "../testing/server.ts"
import { clientAddress } from "./client-address.ts"

const forwarded = (text: string) => new Headers({ "x-forwarded-for": text })

describe("who asks", () => {
  const trusting = clientAddress(["127.0.0.1", "10.77.0.0/24", "2001:db8:5::/48"])

  test("somebody who is not trusted is who he is, whatever he writes", () => {
    expect(trusting.of("203.0.113.9", forwarded("10.77.0.1, 198.51.100.1"))).toBe("203.0.113.9")
    expect(clientAddress([]).of("127.0.0.1", forwarded("198.51.100.1"))).toBe("127.0.0.1")
  })

  test.each([
    ["one proxy", "127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["a chain of two", "127.0.0.1", "198.51.100.1, 10.77.0.8", "198.51.100.1"],
    ["what the visitor wrote first is passed over", "127.0.0.1", "1.1.1.1, 198.51.100.1, 10.77.0.8", "198.51.100.1"],
    ["a proxy that is not trusted ends the chain", "127.0.0.1", "198.51.100.1, 10.78.0.8", "10.78.0.8"],
    ["IPv6", "2001:db8:5:1::1", "2001:db8:9::7", "2001:db8:9::7"],
    ["IPv6 with a port, and IPv4 with one", "127.0.0.1", "[2001:db8:9::7]:443, 10.77.0.8:51000", "2001:db8:9::7"],
    ["IPv4 on a socket for both", "::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"],
    ["only trusted ones", "127.0.0.1", "10.77.0.9, 10.77.0.8", "10.77.0.9"],
    ["what is no address", "127.0.0.1", "unknown, 10.77.0.8", "10.77.0.8"],
    ["nothing", "127.0.0.1", "", "127.0.0.1"],
  ])("%s", (_, socket, told, who) => {
    expect(trusting.of(socket, forwarded(told))).toBe(who)
  })

  test("near are trusted proxies and this machine", () => {
    const near = ["127.0.0.1", "127.5.0.1", "::1", "::ffff:127.0.0.1", "10.77.0.9", "2001:db8:5::1"]
    expect(near.filter(trusting.isNear)).toEqual(near)
    expect(["10.78.0.9", "203.0.113.9", "2001:db8:6::1", ""].some(trusting.isNear)).toBe(false)
  })
})

describe("behind a proxy that is trusted", () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ TRUSTED_PROXIES: "127.0.0.1" })
    await server.signUp("guess@example.com")
  })
  afterAll(() => server.stop())

  const signIn = (address: string) =>
    fetch(`${server.url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url, "x-forwarded-for": address },
      body: JSON.stringify({ email: "guess@example.com", password: "wrong guess" }),
    })

  test("each person has a limit of wrong passwords, and writing addresses oneself gains nothing", async () => {
    const answers: number[] = []
    for (let round = 0; round < 12; round++) answers.push((await signIn(`10.1.2.${round}, 198.51.100.1`)).status)
    expect(answers.slice(0, 10)).toEqual(Array(10).fill(401))
    expect(answers.slice(10)).toEqual([429, 429])
    expect((await signIn("198.51.100.2")).status).toBe(401)
    expect((await signIn("2001:db8::1")).status).toBe(401)
  })
})
