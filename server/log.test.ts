import { expect, test } from "bun:test"
import { DrizzleQueryError } from "drizzle-orm"
import { createLog } from "./log.ts"

function written(format: "json" | "text", work: (log: ReturnType<typeof createLog>) => void): string {
  let out = ""
  work(createLog({ logLevel: "info", logFormat: format }, { write: (line) => (out += line) }))
  return out
}

test("a line is JSON with level, ISO time and the request id", () => {
  const line = JSON.parse(written("json", (log) => log.child({ requestId: "r1" }).info({ status: 200 }, "request")))
  expect(line).toMatchObject({ level: "info", requestId: "r1", status: 200, msg: "request" })
  expect(new Date(line.time).toISOString()).toBe(line.time)
})

test("secrets are hidden wherever they hang", () => {
  const secret = "sk-ant-very-secret"
  const out = written("json", (log) => {
    log.info({ password: secret, cookie: secret })
    log.info({ headers: { cookie: secret, authorization: secret, "x-api-key": secret } })
    log.info({ request: { headers: { "set-cookie": secret, "x-api-key": secret } } })
    log.info({ config: { claudeApiKey: secret, secretKey: secret, databaseUrl: secret } })
  })
  expect(out).not.toContain(secret)
  expect(out).toContain("[hidden]")
})

test("of an error only name, words, stack and cause are kept", () => {
  const error = Object.assign(new Error("refused", { cause: new Error("why") }), {
    request: { headers: { cookie: "hush" } },
  })
  const out = written("json", (log) => log.error({ err: error }, "failed"))
  expect(out).not.toContain("hush")
  expect(JSON.parse(out).err).toMatchObject({ type: "Error", message: "refused", cause: { message: "why" } })
})

test("a failed query keeps its statement and loses its values", () => {
  const error = new DrizzleQueryError(
    "insert into session (token) values ($1)",
    ["first\n    at very-secret"],
    new Error("gone"),
  )
  const out = written("json", (log) => log.error({ err: error }, "failed"))
  expect(out).not.toContain("very-secret")
  expect(JSON.parse(out).err).toMatchObject({
    message: "Failed query: insert into session (token) values ($1)",
    cause: { message: "gone" },
  })
})

test("text lines are short and keep what was said", () => {
  expect(written("text", (log) => log.info({ buildId: "b1" }, "build finished"))).toMatch(
    /^\d\d:\d\d:\d\d info {2}build finished \{"buildId":"b1"\}\n$/,
  )
})
