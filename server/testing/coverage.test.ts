import { afterAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { percent, readCoverage } from "./coverage.ts"
import { testEnvironment } from "./steps.ts"

const root = mkdtempSync(join(tmpdir(), "gochat-coverage-"))
afterAll(() => rmSync(root, { recursive: true }))

const lcov = "TN:\nSF:loaded.ts\nDA:1,3\nDA:2,0\nDA:3,1\nDA:4,2\nend_of_record\nSF:foreign.ts\nDA:1,0\nend_of_record\n"

test("only the asked sources count", () => {
  const coverage = readCoverage(lcov, root, ["loaded.ts"])
  expect(coverage).toEqual({ lines: 4, hit: 3, unloaded: [] })
  expect(percent(coverage)).toBe(75)
})

test("a source that no test loads counts as not run, a file of types does not count", () => {
  writeFileSync(join(root, "forgotten.ts"), "export const one = 1\n\nexport const two = () => {\n  return 2\n}\n")
  writeFileSync(join(root, "types.ts"), "export interface Shape {\n  side: number\n}\n")
  const coverage = readCoverage(lcov, root, ["loaded.ts", "forgotten.ts", "types.ts"])
  expect(coverage.unloaded).toEqual(["forgotten.ts"])
  expect(coverage.lines).toBe(8)
  expect(coverage.hit).toBe(3)
})

test("settings of the person who runs the tests stay outside", () => {
  const settings = "# Port.\n# PORT=3000\nCLAUDE_API_KEY=\n"
  const environment = testEnvironment({ PORT: "80", CLAUDE_API_KEY: "sk", HOME: "/home/me" }, settings)
  expect(environment).toEqual({
    PORT: "",
    CLAUDE_API_KEY: "",
    HOME: "/home/me",
    NODE_ENV: "test",
    BUN_CONFIG_MAX_HTTP_REQUESTS: "4096",
  })
})
