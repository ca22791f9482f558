import { expect, test } from "bun:test"
import { durationMs, durationWords } from "./duration.ts"

test.each([
  ["1h 30m", 5_400_000],
  ["1h30m", 5_400_000],
  ["3600 seconds", 3_600_000],
  ["3600", 3_600_000],
  ["60 minutes", 3_600_000],
  ["one hour", null],
  ["3 mins 4 sec", 184_000],
  ["2 weeks and 1 day", 1_296_000_000],
  ["6 mos 1 day", 15_638_400_000],
  ["1.5 hours", 5_400_000],
  ["2 Hours, 5 minutes", 7_500_000],
  ["", null],
  ["0", null],
  ["-5m", null],
  ["5 parsecs", null],
  ["10m please", null],
  ["1".repeat(5_000), null],
])("%s", (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

test.each([
  [600_000, "10 minutes"],
  [60_000, "1 minute"],
  [3_600_000, "1 hour"],
  [90_000, "90 seconds"],
  [1_000, "1 second"],
])("%i in words", (ms, words) => {
  expect(durationWords(ms)).toBe(words)
})
