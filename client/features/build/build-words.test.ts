import { expect, test } from "bun:test"
import { buildStatus, finishedStatuses } from "../../../shared/build.ts"
import { buildLook, buildWords, failedWords, heldBy, jobWords } from "./build-words.ts"

const all = buildStatus.options
const looks = all.map((status) => ({ status, ...buildLook({ status, error: null }) }))

test("each of GitLab's thirteen states has words of its own kind", () => {
  expect(all).toHaveLength(13)
  expect(Object.fromEntries(all.map((status) => [status, buildWords(status)]))).toMatchObject({
    pending: "Checking…",
    running: "Checking…",
    success: "Checks passed",
    failed: "A check failed",
    skipped: "Checks were skipped",
    manual: "Waiting for you",
  })
  expect(new Set(all.map(jobWords)).size).toBe(13)
})

test("nothing that is unfinished looks finished, and blocked is not running", () => {
  const still = looks.filter(({ busy }) => !busy).map(({ status }) => status)
  expect(still.toSorted()).toEqual([...finishedStatuses, "manual" as const, "scheduled" as const].toSorted())
  for (const { status, tone } of looks) {
    expect([status, tone === "warn"]).toEqual([status, !finishedStatuses.includes(status)])
  }
  const ends = new Set(finishedStatuses.map(buildWords))
  expect(looks.filter(({ words, status }) => ends.has(words) && !finishedStatuses.includes(status))).toEqual([])
})

test("an error is a reason to wait only while the checks are under way", () => {
  const error = "GitLab does not answer"
  expect(buildLook({ status: "running", error })).toEqual({ words: "Checks are waiting", tone: "warn", busy: false })
  expect(heldBy({ status: "created", error })).toBe("GitLab does not answer.")
  expect(heldBy({ status: "created", error: null })).toBeNull()
  for (const status of [...finishedStatuses, "manual"] as const) expect(heldBy({ status, error })).toBeNull()
})

test("checks that never began are not called a failed check", () => {
  const error = "This version has no checks file"
  const none = { status: "failed" as const, error, jobs: [] }
  expect(buildLook(none)).toEqual({ words: "Not checked", tone: "bad", busy: false })
  expect(failedWords(none)).toBe("Not checked: This version has no checks file")
  expect(failedWords({ status: "failed", error })).toBe("A check failed: This version has no checks file")
  expect(failedWords({ status: "failed", error: null })).toBe("A check failed")
})
