import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pino from "pino"
import { ForgeRig, placeOf } from "../../testing/forge-rig.ts"
import { gitLabRig } from "../../testing/gitlab/forge.ts"
import { Kit } from "../../testing/gitlab/kit.ts"
import { until } from "../../testing/until.ts"
import { createGitRepository } from "../repository/git/create-git-repository.ts"
import { createProcessSandbox } from "../sandbox/process/create-process-sandbox.ts"
import { createLocalForge } from "./local/create-local-forge.ts"
import { type KeptJob, left } from "./port.ts"

setDefaultTimeout(30_000)

async function local() {
  const dataDir = await mkdtemp(join(tmpdir(), "forge-contract-"))
  const repository = createGitRepository({ reposDir: join(dataDir, "repos") })
  const sandbox = await createProcessSandbox({ dataDir, log: pino({ enabled: false }) })
  const rig = new ForgeRig(createLocalForge({ dataDir, repository, sandbox }), repository)
  const close = async () => {
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { rig, close }
}

async function gitlab() {
  const kit = new Kit()
  const double = await kit.gitlab()
  // A version without a checks file gets no pipeline: that is known only after a while.
  const { rig, ...rest } = await gitLabRig(double, { timing: { follow: { pipelineMs: 1_500 } } })
  const close = async () => {
    await double.settled()
    expect(double.violations).toEqual([])
    await rest[Symbol.asyncDispose]()
    await kit.close()
  }
  return { rig, close }
}

/** What every forge promises, whatever is behind it. */
describe.each([
  ["local", local],
  ["gitlab", gitlab],
] as const)("%s", (mode, start) => {
  let rig: ForgeRig
  let close = async () => {}
  beforeAll(async () => void ({ rig, close } = await start()))
  afterAll(() => close())
  const runFile = async (yaml: string, files: Record<string, string> = {}) =>
    rig.run(await rig.commit({ ".gitlab-ci.yml": yaml, ...files }))

  test("is what it says it is, and well", async () => {
    expect(rig.forge.mode).toBe(mode)
    expect(rig.forge.remote === null).toBe(mode === "local")
    expect(await rig.forge.health()).toBe("healthy")
  })

  test("a green pipeline: all jobs are planned, run, and end; the pipeline is told before them", async () => {
    const { told } = await runFile("stages: [one, two]\na: {stage: one, script: echo hello}\nb: {stage: two, script: cat x.txt}", { "x.txt": "from a file\n" }) // prettier-ignore
    expect(told.end).toMatchObject({ type: "finished", status: "success", error: null })
    expect(told.jobs.map(({ name, stage, status }) => `${name} ${stage} ${status}`)).toEqual(["a one success", "b two success"]) // prettier-ignore
    expect(told.events[0]?.type).toBe("pipeline")
    expect(told.of("job").map(({ jobId, status }) => `${jobId === told.job("a").id ? "a" : "b"} ${status}`).filter((line) => !/pending|created/.test(line))).toEqual(["a running", "a success", "b running", "b success"]) // prettier-ignore
    expect(told.log("b")).toContain("from a file")
    for (const event of told.of("pipeline")) expect(["success", "failed", "canceled", "skipped"]).not.toContain(event.status) // prettier-ignore
  })

  test("a log has no marks of a runner in it", async () => {
    const { told } = await runFile("a: {script: [echo hello]}")
    expect(told.log("a")).toContain("hello\n")
    // oxlint-disable-next-line no-control-regex -- what terminals are told
    expect(told.log("a")).not.toMatch(/section_(start|end)|\r|\u001B\[0K/)
  })

  test("a red one says the first plain line of what failed, and leaves the rest out", async () => {
    const { told } = await runFile("stages: [check, ship]\ncheck: {stage: check, script: [\"sh -c 'echo out of paint; exit 3'\"]}\nship: {stage: ship, script: echo never}") // prettier-ignore
    expect(told.end).toMatchObject({ type: "finished", status: "failed", error: "out of paint" })
    expect(told.states).toEqual({ check: "failed", ship: "skipped" })
    expect(told.log("ship")).toBe("")
  })

  test("a file that is not valid, none at all, and one of which nothing applies", async () => {
    const wrong = await runFile("a: {script: x, stage: nowhere}")
    expect([wrong.told.status, wrong.told.jobs.length]).toEqual(["failed", 0])
    expect(wrong.told.error).toMatch(/stage/)
    const none = await rig.run(await rig.commit({ "index.html": "x" }))
    expect([none.told.status, none.told.error]).toEqual(["failed", "This version has no checks file (.gitlab-ci.yml)"])
    const never = await runFile("a: {script: x, rules: [{when: never}]}")
    expect([never.told.status, never.told.error]).toEqual(["failed", "No check of the checks file (.gitlab-ci.yml) applies to this version".replace(mode === "local" ? " (.gitlab-ci.yml)" : "", "")]) // prettier-ignore
  })

  test("an allowed failure is a warning", async () => {
    const { told } = await runFile("a: {script: exit 1, allow_failure: true}\nb: {stage: deploy, script: echo b}")
    expect([told.status, told.error, told.states]).toEqual(["success", null, { a: "failed", b: "success" }])
    expect(told.job("a").allowFailure).toBe(true)
  })

  test("a manual job waits for a person, and begins when one says so; what is green stays", async () => {
    const project = await rig.commit({
      ".gitlab-ci.yml":
        "a: {script: echo a, stage: build}\nb: {script: echo b, when: manual, allow_failure: false}\nc: {script: echo c, stage: deploy}",
    })
    const first = await rig.run(project)
    expect([first.told.status, first.told.states]).toEqual(["manual", { a: "success", b: "manual", c: expect.stringMatching(/created|skipped/) }]) // prettier-ignore
    const { id, name, allowFailure } = first.told.job("a")
    const keep: KeptJob[] = [{ id, name, allowFailure, status: "success" }]
    const { told } = await rig.run(project, { buildId: first.buildId, attempt: "again", keep, play: ["b"] })
    expect([told.status, told.states]).toEqual(["success", { a: "success", b: "success", c: "success" }])
    expect(told.job("a").id).toBe(id)
    expect(told.log("a")).toBe("")
  })

  test("tried again, what is green keeps its id, its log and its artifacts", async () => {
    const project = await rig.commit({
      ".gitlab-ci.yml":
        "make: {stage: build, script: echo made > f, artifacts: {paths: [f]}}\ncheck: {script: [cat f, exit 1]}",
    })
    const first = await rig.run(project)
    expect([first.told.status, first.told.states]).toEqual(["failed", { make: "success", check: "failed" }])
    const { id, name, allowFailure } = first.told.job("make")
    const keep: KeptJob[] = [{ id, name, allowFailure, status: "success" }]
    const again = await rig.run(project, { buildId: first.buildId, attempt: "again", keep })
    expect([again.told.status, again.told.states]).toEqual(["failed", { make: "success", check: "failed" }])
    expect(again.told.job("make").id).toBe(id)
    expect(again.told.job("check").id).not.toBe(first.told.job("check").id)
    expect([again.told.log("make"), again.told.log("check").includes("made")]).toEqual(["", true])
    expect((await rig.forge.artifacts(placeOf(again))).map(({ jobId, path }) => [jobId, path])).toEqual([[id, "f"]])
  })

  test("canceled, what runs ends soon and the rest does not begin", async () => {
    const running = rig.start(await rig.commit({ ".gitlab-ci.yml": "a: {stage: build, script: [echo begun, sleep 100]}\nb: {script: echo never}" })) // prettier-ignore
    await until(() => running.told.jobs.some(({ name }) => name === "a") && running.told.log("a").includes("begun"))
    const start = performance.now()
    running.stop()
    await running.done
    expect(performance.now() - start).toBeLessThan(10_000)
    expect([running.told.status, running.told.error, running.told.states]).toEqual(["canceled", null, { a: "canceled", b: "canceled" }]) // prettier-ignore
    const before = rig.start(await rig.commit({ ".gitlab-ci.yml": "a: {script: echo never}" }))
    before.stop()
    await before.done
    expect([before.told.status, before.told.jobs.length === 0 || before.told.log("a") === ""]).toEqual([
      "canceled",
      true,
    ])
  })

  test("left alone, a build may be followed again to its one end", async () => {
    const project = await rig.commit({ ".gitlab-ci.yml": "a: {script: [echo begun, sleep 1, echo over]}" })
    const first = rig.start(project)
    await until(() => first.told.jobs.length > 0 && first.told.log("a").includes("begun"))
    first.stop(left)
    await first.done
    const again = await rig.run(project, { buildId: first.buildId, attempt: "resumed" })
    expect([again.told.status, again.told.states]).toEqual(["success", { a: "success" }])
    expect(again.told.log("a")).toContain("over")
  })

  test("artifacts are listed and opened, those of this build only, and are gone with the project", async () => {
    const yaml =
      "a: {script: [mkdir -p out, echo one > out/a.txt, echo two > 'out/b c.txt'], artifacts: {paths: [out]}}"
    const [mine, other] = [await runFile(yaml), await runFile(yaml)]
    const listed = await rig.forge.artifacts(placeOf(mine))
    const lines = listed.map(({ jobId, path, size }) => `${jobId} ${path} ${size}`).sort()
    expect(lines).toEqual(["a.txt", "b c.txt"].map((name) => `${mine.told.job("a").id} out/${name} 4`))
    const open = (jobId: string, path: string) => rig.forge.openArtifact(placeOf(mine), jobId, path)
    expect(await (await open(mine.told.job("a").id, "out/b c.txt"))?.text()).toBe("two\n")
    for (const path of ["out/none", "../a", "/etc/passwd", "out", ""]) expect(await open(mine.told.job("a").id, path)).toBeNull() // prettier-ignore
    expect(await open(other.told.job("a").id, "out/a.txt")).toBeNull()
    expect(await open("no-id", "out/a.txt")).toBeNull()
    await rig.forge.removeProject(mine.id)
    // Elsewhere that takes a moment.
    await until(async () => (await rig.forge.artifacts(placeOf(mine)).catch(() => [])).length === 0)
    expect(await rig.forge.artifacts(placeOf(other))).toHaveLength(2)
  })

  test("a commit that is not there is an end in plain words, too", async () => {
    const { id } = await rig.commit({ "a.txt": "x" })
    const { told } = await rig.run({ id, sha: "f".repeat(40) })
    expect([told.status, told.error]).toEqual(["failed", expect.stringMatching(/^\S+ .*/)])
  })
})
