import { expect, test } from "bun:test"
import { id } from "../../../../shared/ids.ts"
import { jobIds, remoteJobOf } from "./jobs-id.ts"

test("an id of ours holds GitLab's number, however great, and is another the next time", () => {
  const make = jobIds()
  for (const number of [1, 77, 2 ** 31 + 5, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]) {
    expect(id.safeParse(make(number)).success).toBe(true)
    expect(remoteJobOf(make(number))).toBe(number)
    expect(make(number)).toBe(make(number))
  }
  expect(jobIds()(7)).not.toBe(make(7))
})

test("an id that is not of a job of GitLab's has no number", () => {
  expect(remoteJobOf(Bun.randomUUIDv7())).toBeNull()
  expect(remoteJobOf("../7")).toBeNull()
})
