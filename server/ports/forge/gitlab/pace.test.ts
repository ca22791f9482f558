import { expect, test } from "bun:test"
import { paceOf } from "./pace.ts"
import { pollTiming } from "./poll.ts"

const perMinute = 240

test("the more are followed the later each looks, so that half of what may be asked is left", () => {
  for (const followed of [1, 20, 60, 200]) {
    const { firstMs, longestMs } = paceOf(pollTiming, { followed, perMinute, heard: false })
    expect((followed * 2 * 60_000) / longestMs).toBeLessThanOrEqual(perMinute / 2)
    expect((followed * 2 * 60_000) / firstMs).toBeLessThanOrEqual(perMinute)
  }
  expect(paceOf(pollTiming, { followed: 1, perMinute, heard: false })).toEqual(pollTiming)
})

test("where hooks reach us the clock may be slower, but not what follows a change", () => {
  expect(paceOf(pollTiming, { followed: 1, perMinute, heard: true })).toEqual({ ...pollTiming, longestMs: 60_000 })
})
