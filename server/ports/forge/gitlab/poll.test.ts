import { expect, test } from "bun:test"
import { Poll } from "./poll.ts"

const never = () => new Promise<void>(() => {})
const { signal } = new AbortController()
async function took(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

test("pauses grow up to the longest, and are short again after a change", async () => {
  const poll = new Poll(never, { firstMs: 20, longestMs: 80, leastMs: 0 })
  const pauses: number[] = []
  for (let count = 0; count < 7; count++) {
    poll.look()
    pauses.push(await took(() => poll.wait(signal)))
  }
  expect(pauses[0]).toBeLessThan(40)
  expect(pauses[6]).toBeGreaterThan(55)
  expect(pauses[6]).toBeLessThan(130)
  poll.changed()
  expect(await took(() => poll.wait(signal))).toBeLessThan(40)
})

test("a hint ends the pause, also one that came during the look, but not the least pause", async () => {
  let wake = () => {}
  const poll = new Poll(() => new Promise((resolve) => (wake = resolve)), {
    firstMs: 60_000,
    longestMs: 60_000,
    leastMs: 60,
  })
  poll.look()
  wake()
  const pause = await took(() => poll.wait(signal))
  expect(pause).toBeGreaterThan(50)
  expect(pause).toBeLessThan(2_000)
  poll.look()
  setTimeout(() => wake(), 90)
  expect(await took(() => poll.wait(signal))).toBeLessThan(2_000)
})

test("what GitLab asked to wait is waited, hint or not; an abort ends it", async () => {
  const poll = new Poll(() => Promise.resolve(), { firstMs: 1, longestMs: 1, leastMs: 0 })
  poll.look()
  expect(await took(() => poll.wait(signal, 100))).toBeGreaterThan(95)
  const ended = new AbortController()
  setTimeout(() => ended.abort(), 20)
  poll.look()
  await expect(poll.wait(ended.signal, 60_000)).rejects.toThrow()
})
