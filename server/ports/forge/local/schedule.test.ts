import { describe, expect, test } from "bun:test"
import type { BuildStatus } from "../../../../shared/build.ts"
import { parseChecksFile } from "./parse.ts"
import { planPipeline } from "./plan.ts"
import { composite, type JobState, nextMoves } from "./schedule.ts"

/** `failed?` is a failure that is allowed. */
const states = (words: string): JobState[] =>
  words
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => ({ status: word.replace("?", "") as BuildStatus, allowFailure: word.endsWith("?") }))

describe("the status of jobs together", () => {
  test.each([
    ["", null],
    ["success success", "success"],
    ["success failed", "failed"],
    ["success failed?", "success"],
    ["failed?", "success"],
    ["canceled?", "success"],
    ["success skipped", "success"],
    ["skipped skipped", "skipped"],
    ["manual?", "skipped"],
    ["success manual?", "success"],
    ["success manual", "manual"],
    ["success manual created", "manual"],
    ["failed manual", "manual"],
    ["success canceled", "canceled"],
    ["failed canceled", "failed"],
    ["created created", "created"],
    ["success created", "running"],
    ["pending created", "pending"],
    ["running created", "running"],
    ["failed created", "running"],
    ["failed running", "running"],
    ["failed skipped", "failed"],
  ] as [string, BuildStatus | null][])("%s", (words, expected) => {
    expect(composite(states(words))).toBe(expected)
  })

  test.each([
    ["success success", "success"],
    ["success skipped", "skipped"],
    ["success manual?", "skipped"],
    ["success failed?", "success"],
    ["success failed", "failed"],
    ["success running", "running"],
  ] as [string, BuildStatus][])("as needs: %s", (words, expected) => {
    expect(composite(states(words), true)).toBe(expected)
  })
})

/** Runs a plan with given outcomes, one job after the other; the order of starts and what became of each. */
function play(text: string, outcomes: Record<string, BuildStatus>, started: string[] = []): string {
  const input = {
    projectId: "p",
    buildId: "b",
    sha: "0".repeat(40),
    projectName: "shop",
    attempt: "first" as const,
    mergeRequest: null,
    keep: [],
    play: started,
  }
  const jobs = planPipeline(parseChecksFile(text), input)
  const now = new Map<string, JobState>(
    jobs.map((job) => [job.name, { status: "created", allowFailure: job.allowFailure.allowed }]),
  )
  const order: string[] = []
  for (let moves = nextMoves(jobs, now, started); moves.length > 0; moves = nextMoves(jobs, now, started)) {
    for (const { job, move } of moves) {
      const state = now.get(job.name)
      if (state === undefined) throw new Error("no state")
      if (move === "run") order.push(job.name)
      state.status = move === "run" ? (outcomes[job.name] ?? "success") : move === "skip" ? "skipped" : "manual"
    }
  }
  const rest = [...now].filter(([name]) => !order.includes(name)).map(([name, { status }]) => `${name}:${status}`)
  return `${order.join(" ")} | ${rest.join(" ")} | ${composite([...now.values()])}`
}

const chain = `
a: {script: x, stage: build}
b: {script: x, stage: test}
c: {script: x, stage: deploy}
clean: {script: x, stage: .post, when: always}
alarm: {script: x, stage: .post, when: on_failure}`

describe("which job comes when", () => {
  test("all green", () => {
    expect(play(chain, {})).toBe("a b c clean | alarm:skipped | success")
  })
  test("a failure leaves the later stages out, but not what runs always or on failure", () => {
    expect(play(chain, { b: "failed" })).toBe("a b clean alarm | c:skipped | failed")
  })
  test("a failure that is allowed is a warning", () => {
    const text = "a: {script: x, stage: build, allow_failure: true}\nb: {script: x}"
    expect(play(text, { a: "failed" })).toBe("a b |  | success")
  })
  test("an optional manual job blocks nothing, a required one does", () => {
    const optional = "a: {script: x, stage: build, when: manual}\nb: {script: x}"
    expect(play(optional, {})).toBe("b | a:manual | success")
    const required = "a: {script: x, stage: build, when: manual, allow_failure: false}\nb: {script: x}"
    expect(play(required, {})).toBe(" | a:manual b:created | manual")
    expect(play(required, {}, ["a"])).toBe("a b |  | success")
  })
  test("needs do not wait for stages", () => {
    const text = `
slow: {script: x, stage: build}
quick: {script: x, stage: build}
ship: {script: x, stage: deploy, needs: [quick]}
first: {script: x, stage: deploy, needs: []}`
    expect(play(text, { slow: "failed" })).toBe("slow quick first ship |  | failed")
  })
  test("what needs a job that was left out is left out", () => {
    const text = `
a: {script: x, stage: build}
b: {script: x, stage: test, needs: [a]}
c: {script: x, stage: test, needs: [b]}
d: {script: x, stage: deploy, needs: [c], when: always}`
    expect(play(text, { a: "failed" })).toBe("a d | b:skipped c:skipped | failed")
  })
})
