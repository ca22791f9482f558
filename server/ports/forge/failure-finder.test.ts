import { describe, expect, test } from "bun:test"
import { echoPrefix, FailureFinder } from "./failure-finder.ts"
import { JobLog } from "./job-log.ts"

const found = (log: string): string | null => {
  const finder = new FailureFinder()
  // As it comes over a pipe: in pieces that know nothing of lines.
  for (const piece of log.match(/[\s\S]{1,7}/g) ?? []) finder.add(piece)
  return finder.found
}

describe("the first plain line of what failed", () => {
  const cases: [string, string, string | null][] = [
    [
      "bun test: the test's name",
      "bun test v1.4.5\n\ntests/app.test.js:\n1 | expect(1).toBe(2)\n\u001B[31merror\u001B[0m: expect(received).toBe(expected)\n\nExpected: 2\n(fail) inventory > adds an item [0.52ms]\n\n 0 pass\n 1 fail\n",
      "(fail) inventory > adds an item",
    ],
    [
      "bun: a module that is not there",
      "error: Cannot find module './x' from '/workspace/a.js'\n\n 0 pass\n 1 fail\n",
      "error: Cannot find module './x' from '/workspace/a.js'",
    ],
    [
      "TypeScript",
      "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.\nFound 1 error.\n",
      "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.",
    ],
    [
      "vite",
      'vite v8 building\n✗ Build failed in 35ms\nerror during build:\n[vite]: failed to resolve import "./x" from "src/main.tsx"\n    at file.js:1\n',
      '[vite]: failed to resolve import "./x" from "src/main.tsx"',
    ],
    [
      "a stack trace",
      "/workspace/a.js:3\nthrow new Error()\nTypeError: undefined is not an object\n    at run (a.js:3)\n",
      "TypeError: undefined is not an object",
    ],
    ["a command that is not there", "sh: 1: frobnicate: not found\n", "sh: 1: frobnicate: not found"],
    [
      "npm",
      "npm ERR! code ENOENT\nnpm ERR! enoent could not read package.json\n",
      "npm ERR! enoent could not read package.json",
    ],
    [
      "plain words",
      "There is no index.html and no package.json, so there is nothing to run.\n",
      "There is no index.html and no package.json, so there is nothing to run.",
    ],
    ["nothing that looks like an error: the last line", "one\ntwo\n\n\u001B[0m\n", "two"],
    ["a bar that was drawn over", "10%\r50%\rstopped at 50%\n", "stopped at 50%"],
    ["no end of line", "error: cut off", "error: cut off"],
    ["silence", "", null],
  ]
  test.each(cases)("%s", (_, log, expected) => {
    expect(found(log)).toBe(expected)
  })

  test("only what the last command said counts", () => {
    const log = `${echoPrefix}lint\u001B[0;m\nerror: harmless\n${echoPrefix}build\u001B[0;m\nall is well\nError: out of paint\n`
    expect(found(log)).toBe("Error: out of paint")
  })
  test("a silent command is named", () => {
    expect(found(`${echoPrefix}test -f index.html\u001B[0;m\n`)).toBe("`test -f index.html` did not succeed")
  })
  test("a very long line is cut", () => {
    expect(found(`error: ${"x".repeat(100_000)}\n`)?.length).toBe(300)
  })
})

describe("a job's log", () => {
  test("is bounded, says so once, keeps our own lines, and still finds what failed", () => {
    const written: string[] = []
    const log = new JobLog((text) => written.push(text), 1_000)
    for (let n = 0; n < 500; n++) log.output(`line ${n}\n`)
    log.output("(fail) the very last\n")
    log.note("Job failed", "red")
    const text = written.join("")
    expect(text.length).toBeLessThan(1_300)
    expect(text.match(/longer than is kept/g)).toHaveLength(1)
    expect(text).toContain("Job failed")
    expect(log.failure).toBe("(fail) the very last")
  })
  test("never ends in half a character, holds no NUL", () => {
    const written: string[] = []
    const log = new JobLog((text) => written.push(text), 5)
    log.output("a\0b😀😀")
    expect(written[0]).toBe("a\uFFFDb😀")
    const odd = new JobLog((text) => written.push(text), 4)
    odd.output("abc😀")
    expect(written.join("").isWellFormed()).toBe(true)
  })
  test("a flood of short lines is quick", () => {
    const log = new JobLog(() => {})
    const start = performance.now()
    for (let n = 0; n < 800; n++) log.output("y\n".repeat(32_000))
    expect(log.failure).toBe("y")
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
