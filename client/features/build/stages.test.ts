import { expect, test } from "bun:test"
import type { BuildStatus, Job } from "../../../shared/build.ts"
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
  const shown = (...jobs: Job[]) => jobToShow({ status: "running", jobs })?.name
  expect(shown(done, running, red)).toBe("b")
  expect(shown(done, running, later)).toBe("c")
  expect(shown(done, { ...done, name: "e" }, later)).toBe("e")
  expect(shown(later)).toBe("d")
  expect(shown()).toBeUndefined()
})

test("what waits for a person opens while the checks wait for them, not beside checks that passed", () => {
  const [done, waits] = [job("a", "s", "success"), job("release", "s", "manual")]
  expect(jobToShow({ status: "manual", jobs: [done, waits] })?.name).toBe("release")
  expect(jobToShow({ status: "success", jobs: [done, waits] })?.name).toBe("a")
  const later = job("b", "s", "scheduled")
  expect(jobToShow({ status: "scheduled", jobs: [done, later] })?.name).toBe("b")
})
