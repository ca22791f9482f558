import { expect, test } from "bun:test"
import { checkMachine } from "./prepare.ts"

test("an older Bun is refused in one sentence that says what to do", () => {
  expect(() => checkMachine("1.4.4", "linux-x64")).toThrow(
    /needs Bun 1\.4\.5 or newer and this is Bun 1\.4\.4: run "bun upgrade"/,
  )
  expect(() => checkMachine("1.3.99", "linux-x64")).toThrow(/needs Bun/)
  expect(() => checkMachine("0.9.0", "linux-x64")).toThrow(/needs Bun/)
})

test("this Bun and newer ones are taken", () => {
  for (const version of [Bun.version, "1.4.5", "1.4.10", "1.5.0", "2.0.0", "1.5.0-canary.3"]) {
    expect(() => checkMachine(version, "darwin-arm64")).not.toThrow()
  }
})

test("a system that nothing was made for is named", () => {
  expect(() => checkMachine("1.4.5", "win32-x64")).toThrow(/not on win32-x64: on Windows start it inside WSL/)
})
