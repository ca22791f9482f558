import { describe, expect, test } from "bun:test"
import { errorExcerpt, firstErrorLine, joinLog, logLines, plainLine, readLog } from "./log-text.ts"

describe("a log that is read once and then followed", () => {
  const read = { from: 0, text: "0123456789" }

  test("goes on where the reading ended, without a character twice", () => {
    expect(joinLog(read, { from: 6, text: "6789ab" })?.text).toBe("0123456789ab")
    expect(joinLog(read, { from: 10, text: "ab" })?.text).toBe("0123456789ab")
  })

  test("stays as it was when the stream has nothing newer", () => {
    expect(joinLog(read, undefined)).toBe(read)
    expect(joinLog(read, { from: 2, text: "234" })).toBe(read)
  })

  test("has a hole when the stream starts later than the reading ended", () => {
    expect(joinLog(read, { from: 12, text: "cd" })).toBeNull()
  })
})

describe("a log that the server hands out in pieces", () => {
  const pieces = (log: string, running: boolean) => (from: number) => {
    const text = log.slice(from, from + 4)
    const next = from + text.length
    return Promise.resolve({ text, next, complete: !running && next === log.length })
  }

  test("is read to its end, of a running job to where it is now", async () => {
    expect(await readLog(pieces("0123456789", false))).toEqual({ from: 0, text: "0123456789" })
    expect(await readLog(pieces("0123456789", true))).toEqual({ from: 0, text: "0123456789" })
    expect(await readLog(pieces("", false))).toEqual({ from: 0, text: "" })
  })
})

test("lines come without terminal colours, and as overwriting leaves them", () => {
  expect(logLines("\u001b[32mok\u001b[0m\r\n10%\r50%\rdone\nlast\n")).toEqual(["ok", "done", "last"])
})

describe("the first error line", () => {
  test("is the one that the build names", () => {
    expect(firstErrorLine(["error: old warning", "x", "app.js: missing title"], "missing title")).toBe(2)
  })

  test("else the first that sounds like one, not a count of none", () => {
    expect(
      firstErrorLine(["0 errors so far", "compiling", "TypeError: x is not a function", "Error: later"], null),
    ).toBe(2)
    expect(firstErrorLine(["compiling", "(fail) adds an item"], null)).toBe(1)
    expect(firstErrorLine(["all fine"], null)).toBe(-1)
  })
})

test("a failed test opens at its cause, which stands above its name", () => {
  const lines = ["(pass) one", "3 | expect(a).toBe(b)", "error: expected b", "", "(fail) two [1 ms]", "(fail) three"]
  expect(firstErrorLine(lines, "(fail) two")).toBe(2)
  expect(firstErrorLine(lines, "(fail) three")).toBe(5)
  expect(plainLine("(fail) two")).toBe("two")
  expect(plainLine("index.html is missing")).toBe("index.html is missing")
})

test("what goes to the AI starts shortly before the error and is bounded", () => {
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`)
  expect(errorExcerpt(lines, 100).split("\n")[0]).toBe("line 88")
  expect(errorExcerpt(lines, -1).split("\n")[0]).toBe("line 440")
  expect(errorExcerpt(["x".repeat(9000)], 0)).toHaveLength(4000)
})
