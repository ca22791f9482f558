import { expect, test } from "bun:test"
import type { BuildStatus } from "../../../shared/build.ts"
import type { ProjectStatus } from "../../../shared/project.ts"
import { stateWords } from "./state-words.ts"

const project = (status: ProjectStatus, build: BuildStatus | null) => ({ status, buildStatus: build })

test("what waits for a person or for its time never looks done, nor as if it moved", () => {
  for (const build of ["manual", "scheduled"] as const) {
    // News of the checks may come before that of the project.
    for (const status of ["ready", "checking"] as const) {
      const state = stateWords(project(status, build), { newestLive: true })
      expect([build, state.tone, state.busy]).toEqual([build, "warn", false])
    }
  }
  expect(stateWords(project("ready", "success"), { newestLive: true })).toMatchObject({ words: "Live", tone: "good" })
})

test("checks that were canceled are not called failed", () => {
  expect(stateWords(project("failed", "canceled"))).toMatchObject({ words: "Checks were canceled", tone: "sleep" })
  expect(stateWords(project("failed", "failed"))).toMatchObject({ words: "A check failed", tone: "bad" })
  expect(stateWords(project("failed", null))).toMatchObject({ words: "Something failed", tone: "bad" })
})

test("a version that nothing checked does not look done, and checks that never began have not found anything", () => {
  expect(stateWords(project("ready", "skipped"))).toMatchObject({ words: "Checks were skipped", tone: "sleep" })
  const build = { status: "failed" as const, error: "no checks file", jobs: [] }
  expect(stateWords(project("failed", "failed"), { build }).words).toBe("Not checked")
})

test("a reason why nothing moves makes checks wait, not fail", () => {
  const build = { status: "pending", error: "GitLab does not answer" } as const
  expect(stateWords(project("checking", "pending"), { build })).toEqual({
    words: "Checks are waiting",
    tone: "warn",
    busy: false,
  })
  expect(stateWords(project("checking", "pending"))).toEqual({ words: "Checking…", tone: "warn", busy: true })
})

test("a version that waits for its merge says so", () => {
  expect(stateWords(project("ready", "success"), { waitsForMerge: true })).toMatchObject({
    words: "Waiting to be merged",
    busy: false,
  })
})
