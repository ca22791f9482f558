import { expect, test } from "bun:test"
import { buildStatus, finishedStatuses } from "../../../shared/build.ts"
import { buildLook, buildWords, heldBy, jobWords } from "./build-words.ts"

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
    manual: "Waiting for a person",
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
