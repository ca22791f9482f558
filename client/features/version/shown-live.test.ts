import { expect, test } from "bun:test"
import { isShownLive } from "./shown-live.ts"

const version = (sha: string, files: number, live = false) => ({ sha, files, live })

test("a version is live through the merge that brought it in, not through what changed it", () => {
  const versions = [version("d", 2), version("c", 0, true), version("b", 1), version("a", 15)]
  const live = versions.filter(({ sha }) => isShownLive(versions, sha)).map(({ sha }) => sha)
  expect(live).toEqual(["c", "b"])
})

test("nothing is live where nothing is, and an unknown version is not", () => {
  expect(isShownLive([version("b", 1), version("a", 1)], "a")).toBe(false)
  expect(isShownLive([version("a", 1, true)], "z")).toBe(false)
  expect(isShownLive([], "a")).toBe(false)
})
