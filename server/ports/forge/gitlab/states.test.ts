import { expect, test } from "bun:test"
import { buildStatus } from "../../../../shared/build.ts"
import { isAtWork, movesByItself, readState } from "./states.ts"

test("each of GitLab's states is read as it is; four are an end, and what waits for a person is none", () => {
  const read = buildStatus.options.map((word) => readState(word))
  expect(read.map(({ status }) => status)).toEqual(buildStatus.options)
  expect(read.every(({ unknown }) => unknown === null)).toBe(true)
  const ends = read.filter(({ finished }) => finished).map(({ status }) => status)
  expect(ends).toEqual(["success", "failed", "canceled", "skipped"])
  expect(buildStatus.options.filter((status) => !movesByItself(status))).toEqual([...ends.slice(0, 3), "skipped", "manual"]) // prettier-ignore
  expect(buildStatus.options.filter(isAtWork)).toEqual(["running", "canceling"])
})

test("a state that nobody knows yet is shown, and is no end", () => {
  expect(readState("on_the_moon")).toEqual({ status: "pending", finished: false, unknown: "on_the_moon" })
  expect(readState("on_the_moon", true).status).toBe("running")
})
