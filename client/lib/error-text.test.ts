import { expect, test } from "bun:test"
import { errors } from "../../shared/errors.ts"
import { errorLine, errorText, isMissing, isSignedOut, isUnreachable } from "./error-text.ts"

const thrown = (data: object): Error => Object.assign(new Error("wire"), { data })

test("an error of ours speaks its own words", () => {
  const row = errors.run_active
  const error = thrown({
    code: row.code,
    kind: "run_active",
    words: row.words,
    next: row.next,
    retryable: true,
    detail: null,
  })
  expect(errorText(error)).toEqual({ words: row.words, next: row.next, detail: null, retryable: true })
  expect(errorLine(error)).toBe(`${row.words} ${row.next}`)
})

test("the detail says more than the general words", () => {
  expect(errorLine(thrown({ code: "BAD_REQUEST", words: "w", next: "n", detail: "The title is empty." }))).toBe(
    "The title is empty.",
  )
})

test("no answer at all is the connection, and worth another try", () => {
  expect(errorText(new TypeError("Failed to fetch"))).toMatchObject({
    words: "The server did not answer.",
    retryable: true,
  })
  expect(isUnreachable(new TypeError("Failed to fetch"))).toBe(true)
  expect(isUnreachable(thrown({ code: "SERVICE_UNAVAILABLE" }))).toBe(true)
  expect(isUnreachable(thrown({ code: "BAD_REQUEST" }))).toBe(false)
})

test("an answer of another shape is our own failure, never shown raw", () => {
  expect(errorText(thrown({ code: "INTERNAL_SERVER_ERROR" })).words).toBe(errors.internal.words)
})

test("signed out and missing are told apart", () => {
  expect([isSignedOut(thrown({ code: "UNAUTHORIZED" })), isMissing(thrown({ code: "UNAUTHORIZED" }))]).toEqual([
    true,
    false,
  ])
  expect([isSignedOut(thrown({ code: "NOT_FOUND" })), isMissing(thrown({ code: "NOT_FOUND" }))]).toEqual([false, true])
  expect(isSignedOut(null)).toBe(false)
})
