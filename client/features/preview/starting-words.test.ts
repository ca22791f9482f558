import { expect, test } from "bun:test"
import { startingWords } from "./starting-words.ts"

const split = (reason: string | null) => Object.values(startingWords(reason, "Starting…"))

test("what is done now is told apart from the last that was heard of it", () => {
  expect(split("Fetching the image… 42 %")).toEqual(["Fetching the image…", "42 %"])
  expect(split("Starting your app…")).toEqual(["Starting your app…", null])
  expect(split(`Installing what it needs… ${"x".repeat(300)}`)).toEqual(["Installing what it needs…", "x".repeat(300)])
  expect(split("waiting\nfor the port")).toEqual(["Starting…", "waiting\nfor the port"])
  expect(split("  ")).toEqual(["Starting…", null])
  expect(split(null)).toEqual(["Starting…", null])
})
