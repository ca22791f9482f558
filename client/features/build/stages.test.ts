import { expect, test } from "bun:test"
import { buildStatus, type BuildStatus, type Job } from "../../../shared/build.ts"
import { buildWords, jobWords } from "./build-words.ts"
import { jobToShow, stagesOf } from "./stages.ts"

const job = (name: string, stage: string, status: BuildStatus): Job => ({
  id: name,
  name,
  stage,
  status,
  startedAt: null,
  finishedAt: null,
  webUrl: null,
})

test("jobs stand in their stages, stages in their order", () => {
  const jobs = [job("lint", "check", "success"), job("unit", "test", "failed"), job("types", "check", "success")]
  expect(stagesOf(jobs).map((stage) => [stage.name, stage.jobs.map(({ name }) => name)])).toEqual([
    ["check", ["lint", "types"]],
    ["test", ["unit"]],
  ])
})

test("the log that opens is the red one, else the running one, else the last that ran", () => {
  const [done, red, running, later] = [
    job("a", "s", "success"),
    job("b", "s", "failed"),
    job("c", "s", "running"),
    job("d", "s", "created"),
  ]
  expect(jobToShow([done, running, red])?.name).toBe("b")
  expect(jobToShow([done, running, later])?.name).toBe("c")
  expect(jobToShow([done, { ...done, name: "e" }, later])?.name).toBe("e")
  expect(jobToShow([later])?.name).toBe("d")
  expect(jobToShow([])).toBeUndefined()
})

test("each of GitLab's states has words that a person understands", () => {
  const words = Object.fromEntries(buildStatus.options.map((status) => [status, buildWords(status)]))
  expect(words).toMatchObject({
    pending: "Checking…",
    running: "Checking…",
    success: "Checks passed",
    failed: "A check failed",
    skipped: "Checks were skipped",
  })
  expect(buildStatus.options.map(jobWords)).not.toContain(undefined)
})
