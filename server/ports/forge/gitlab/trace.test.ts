import { expect, test } from "bun:test"
import { logChars } from "../job-log.ts"
import { Trace } from "./trace.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
function reading() {
  let said = ""
  const trace = new Trace((text) => (said += text))
  let opened = 0
  return {
    trace,
    said: () => said,
    opened: () => opened,
    read: (content: string | Uint8Array<ArrayBuffer>, complete = false) =>
      trace.read(async () => {
        opened++
        return new Response(content)
      }, complete),
  }
}
const esc = "\u001B"

test("only what is new of a log is told, also when a letter was cut in two", async () => {
  const { read, said } = reading()
  await read("one\n")
  await read(bytes("one\ntwö\n").slice(0, 7))
  expect(said()).toBe("one")
  await read("one\ntwö\nthr")
  await read("one\ntwö\nthree", true)
  expect(said()).toBe("one\ntwö\nthree")
})

test("bytes that are no text become a sign for it", async () => {
  const { read, said } = reading()
  await read(Uint8Array.of(0x61, 0xff, 0, 0x0a), true)
  expect(said()).toBe("a\uFFFD\uFFFD\n")
})

test("a log that was erased begins again with a word; one answer that is cut off changes nothing", async () => {
  const { trace, read, said } = reading()
  await read("one\ntwo\n")
  const answers = ["one", "one\ntwo\nthree\n"]
  await trace.read(async () => new Response(answers.shift()), false)
  await read("one\ntwo\nthree\n")
  expect(said()).toBe("one\ntwo\nthree")
  await read("", true)
  expect(said()).toContain("three\n")
  expect(said()).toContain("The log was erased in GitLab")
})

test("a log that was erased and grew beyond where it was is told anew", async () => {
  const { read, said } = reading()
  await read("one\n")
  await read("another beginning\nand more\n", true)
  expect(said()).toMatch(/^one\n.*erased.*\n.*another beginning\nand more\n$/)
})

test("marks of sections and codes of the terminal are left out, colours stay, lines drawn over show their last", async () => {
  const { read, said, trace } = reading()
  const log =
    `${esc}[0KRunning with gitlab-runner 18.5.0${esc}[0;m\n` +
    `section_start:1700000000:prepare_script[collapsed=true]\r${esc}[0K${esc}[36;1mPreparing${esc}[0;m\nerror: of the machine\n` +
    `section_end:1700000001:prepare_script\r${esc}[0Ksection_start:1700000001:step_script\r${esc}[0K${esc}[32;1m$ bun test${esc}[0;m\n` +
    `10%\r50%\r100%\r\n${esc}]0;title\u0007${esc}[2J${esc}[31mTypeError: x is not a function${esc}[0m\n` +
    `section_end:1700000002:step_script\r${esc}[0Ksection_start:1700000002:cleanup_file_variables\r${esc}[0KCleaning up\n` +
    `section_end:1700000003:cleanup_file_variables\r${esc}[0K${esc}[31;1mERROR: Job failed: exit code 1\n${esc}[0;m`
  await read(log, true)
  expect(said()).toBe(
    `Running with gitlab-runner 18.5.0${esc}[0;m\n${esc}[36;1mPreparing${esc}[0;m\nerror: of the machine\n` +
      `${esc}[32;1m$ bun test${esc}[0;m\n100%\n${esc}[31mTypeError: x is not a function${esc}[0m\n` +
      `Cleaning up\n${esc}[31;1mERROR: Job failed: exit code 1\n${esc}[0;m`,
  )
  expect(trace.failure).toBe("TypeError: x is not a function")
})

test("a command that failed without a word is named", async () => {
  const { read, trace } = reading()
  await read(`section_start:1:step_script\r${esc}[32;1m$ exit 3${esc}[0;m\nsection_end:1:step_script\r\nERROR: Job failed: exit code 3\n`, true) // prettier-ignore
  expect(trace.failure).toBe("`exit 3` did not succeed")
})

test("times that newer runners write before lines are left out, and cut lines are whole again", async () => {
  const { read, said } = reading()
  const at = "2025-05-22T12:43:46.962646Z"
  await read(`${at} 00O section_start:1:step_script\r${esc}[0K\n${at} 01O one \n${at} 01O+line\n`)
  await read(`${at} 00O section_start:1:step_script\r${esc}[0K\n${at} 01O one \n${at} 01O+line\n${at} 01E next\n`, true)
  expect(said()).toBe("one line\nnext\n")
})

test("a log beyond what is kept ends with a word, its last lines are searched, and it is not fetched again and again", async () => {
  const { read, said, trace, opened } = reading()
  const line = `${"x".repeat(99)}\n`
  const long = line.repeat(90_000)
  await read(long)
  const before = opened()
  await read(`${long}more\n`)
  expect(opened()).toBe(before)
  await read(`${long}AssertionError: too late\n`, true)
  expect(said().length).toBeLessThan(logChars + 500)
  expect(said()).toContain("longer than is kept")
  expect(trace.failure).toBe("AssertionError: too late")
})
