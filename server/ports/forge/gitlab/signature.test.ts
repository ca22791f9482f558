import { expect, test } from "bun:test"
import { createHmac } from "node:crypto"
import { join } from "node:path"
import { z } from "zod"
import { hookSigningToken, hookToken, verifyHook } from "./signature.ts"

const token = hookToken("secret", "project")
const signingToken = hookSigningToken("secret", "project")
const body = new TextEncoder().encode('{"object_kind":"pipeline","name":"déploiement ✅"}')
const now = new Date("2026-01-01T00:00:00Z")
const at = String(now.getTime() / 1000)

function signed(key = signingToken, id = "one", timestamp = at): string {
  const bytes = Buffer.from(key.slice(6), "base64")
  return `v1,${createHmac("sha256", bytes).update(`${id}.${timestamp}.`).update(body).digest("base64")}`
}

const check = (headers: Record<string, string>) =>
  verifyHook({ headers: new Headers(headers), body, token, signingToken, now })

test("each project has secrets of its own, of the form that GitLab takes", () => {
  expect(token).toMatch(/^[0-9a-f]{64}$/)
  expect(signingToken).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(hookToken("secret", "other")).not.toBe(token)
  expect(hookSigningToken("secret", "other")).not.toBe(signingToken)
  expect(Buffer.from(signingToken.slice(6), "base64").toString("hex")).not.toBe(token)
})

test("the token is enough as long as nothing is signed", () => {
  expect(check({ "X-Gitlab-Token": token })).toBe("genuine")
  expect(check({ "X-Gitlab-Token": `${token}0` })).toBe("forged")
  expect(check({ "X-Gitlab-Token": "" })).toBe("forged")
  expect(check({})).toBe("forged")
})

test("a signature that is there must hold, whatever the token is", () => {
  const headers = { "webhook-id": "one", "webhook-timestamp": at, "X-Gitlab-Token": token }
  expect(check({ ...headers, "webhook-signature": signed() })).toBe("genuine")
  expect(check({ ...headers, "webhook-signature": `v2,AAAA v1,AAAA ${signed()}` })).toBe("genuine")
  const other = signed(hookSigningToken("secret", "other"))
  for (const signature of [other, "", "v1,", signed().slice(3), signed().replace("v1,", "v1a,")]) {
    expect([signature, check({ ...headers, "webhook-signature": signature })]).toEqual([signature, "forged"])
  }
  const { "webhook-id": _, ...nameless } = headers
  expect(check({ ...nameless, "webhook-signature": signed() })).toBe("forged")
  const late = String(Number(at) - 301)
  expect(check({ "webhook-id": "one", "webhook-timestamp": late, "webhook-signature": signed(signingToken, "one", late) })).toBe("stale") // prettier-ignore
})

test("what is signed are the bytes as they came", () => {
  for (const bytes of [
    [0xff, 0x7b, 0x7d],
    [0x7b, 0x7d, 0x0a],
  ]) {
    const raw = new Uint8Array(bytes)
    const key = Buffer.from(signingToken.slice(6), "base64")
    const signature = `v1,${createHmac("sha256", key).update(`one.${at}.`).update(raw).digest("base64")}`
    const headers = new Headers({ "webhook-id": "one", "webhook-timestamp": at, "webhook-signature": signature })
    expect(verifyHook({ headers, body: raw, token, signingToken, now })).toBe("genuine")
  }
})

const vectors = Bun.file(
  join(import.meta.dir, "../../../../../shared/contracts/gitlab/webhooks/signature-vectors.json"),
)
const shape = z.object({
  signing_token: z.string(),
  vectors: z.array(
    z.object({ name: z.string(), now: z.number(), headers: z.record(z.string(), z.string()), body: z.string(), accept: z.boolean() }),
  ),
}) // prettier-ignore

test.skipIf(!(await vectors.exists()))("the published examples hold (their folder is there)", async () => {
  const file = shape.parse(await vectors.json())
  expect(file.vectors.length).toBeGreaterThan(10)
  for (const vector of file.vectors) {
    const found = verifyHook({
      headers: new Headers(vector.headers),
      body: new TextEncoder().encode(vector.body),
      token,
      signingToken: file.signing_token,
      now: new Date(vector.now * 1000),
    })
    expect([vector.name, found === "genuine"]).toEqual([vector.name, vector.accept])
  }
})
