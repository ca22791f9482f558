import { expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadDotEnv } from "./dot-env.ts"

test("from another folder the project's .env counts, under what is set already", () => {
  const root = mkdtempSync(join(tmpdir(), "gochat-env-"))
  try {
    writeFileSync(join(root, ".env"), '# note\nGOCHAT_TEST_ONE=file\nGOCHAT_TEST_TWO="two words"\n')
    process.env["GOCHAT_TEST_ONE"] = "set"
    loadDotEnv(root)
    expect(process.env["GOCHAT_TEST_ONE"]).toBe("set")
    expect(process.env["GOCHAT_TEST_TWO"]).toBe("two words")
  } finally {
    delete process.env["GOCHAT_TEST_ONE"]
    delete process.env["GOCHAT_TEST_TWO"]
    rmSync(root, { recursive: true })
  }
})

test("no .env is no fault", () => {
  expect(() => loadDotEnv("/nowhere")).not.toThrow()
})
