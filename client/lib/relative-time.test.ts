import { expect, test } from "bun:test"
import { duration, relativeTime } from "./relative-time.ts"

const now = Date.parse("2026-06-15T12:00:00.000Z")

test("times are said as people say them", () => {
  expect(relativeTime("2026-06-15T11:59:40.000Z", now)).toBe("just now")
  expect(relativeTime("2026-06-15T10:00:00.000Z", now)).toBe("2 hours ago")
  expect(relativeTime("2026-06-14T11:00:00.000Z", now)).toBe("yesterday")
  expect(relativeTime("2026-06-07T11:00:00.000Z", now)).toBe("last week")
})

test("durations count to now while nothing has ended, and never below nothing", () => {
  expect(duration("2026-06-15T11:59:52.000Z", null, now)).toBe("8 s")
  expect(duration("2026-06-15T11:57:55.000Z", "2026-06-15T12:00:00.000Z")).toBe("2 min 5 s")
  expect(duration("2026-06-15T12:00:05.000Z", null, now)).toBe("under 1 s")
})
