import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pino from "pino"
import { newId } from "../../../lib/ids.ts"
import { createGitRepository } from "../../repository/git/create-git-repository.ts"
import type { Repository } from "../../repository/port.ts"
import { type ExecInput, type ImageSource, type Sandbox, SandboxError } from "../../sandbox/port.ts"
import { createProcessSandbox } from "../../sandbox/process/create-process-sandbox.ts"
import type { Forge, KeptJob, PipelineEvent } from "../port.ts"
import { createLocalForge, type LocalForgeOptions } from "./create-local-forge.ts"

setDefaultTimeout(30_000)

let dataDir: string
let repository: Repository
let sandbox: Sandbox
let forge: Forge

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "forge-"))
  repository = createGitRepository({ reposDir: join(dataDir, "repos") })
  sandbox = await createProcessSandbox({ dataDir, log: pino({ enabled: false }) })
  forge = createForge({})
})

afterAll(async () => {
  await sandbox.close()
  await rm(dataDir, { recursive: true, force: true })
})

const createForge = (options: Partial<LocalForgeOptions>) =>
  createLocalForge({
    dataDir,
    repository,
    sandbox,
    onFault: (error) => {
      throw error
    },
    ...options,
  })

interface Project {
  id: string
  sha: string
}

async function commit(files: Record<string, string>, id: string = newId()): Promise<Project> {
  const workTree = await mkdtemp(join(tmpdir(), "forge-tree-"))
  for (const [path, text] of Object.entries(files)) await Bun.write(join(workTree, path), text)
  await repository.create(id)
  const author = { name: "Test", email: "test@example.com" }
  const made = await repository.commit(id, { workTree, message: "files", author, ref: "refs/heads/main" })
  await rm(workTree, { recursive: true })
  if (made === null) throw new Error("nothing to commit")
  return { id, sha: made.sha }
}

const placeOf = (projectId: string, buildId: string) => ({ projectId, buildId, pipeline: null, jobIds: [] })

interface Ran {
  buildId: string
  events: PipelineEvent[]
  /** Final status and log by name of the job. */
  jobs: Record<string, string>
  logs: Record<string, string>
  ids: Record<string, string>
  status: string
  error: string | null
}

interface RunOptions {
  forge?: Forge
  signal?: AbortSignal
  keep?: KeptJob[]
  play?: string[]
  buildId?: string
  onEvent?: (event: PipelineEvent, ids: Record<string, string>) => void
}

async function run(project: Project, options: RunOptions = {}): Promise<Ran> {
  const buildId = options.buildId ?? newId()
  const ran: Ran = { buildId, events: [], jobs: {}, logs: {}, ids: {}, status: "", error: null }
  const names = new Map<string, string>()
  const input = {
    projectId: project.id,
    buildId,
    sha: project.sha,
    projectName: "shop",
    attempt: "first" as const,
    mergeRequest: null,
    keep: options.keep ?? [],
    play: options.play ?? [],
  }
  const signal = options.signal ?? new AbortController().signal
  for await (const event of (options.forge ?? forge).run(input, signal)) {
    ran.events.push(event)
    if (event.type === "planned") {
      for (const job of event.jobs) {
        names.set(job.id, job.name)
        ran.ids[job.name] = job.id
        ran.jobs[job.name] = job.status
      }
    }
    if (event.type === "job") ran.jobs[names.get(event.jobId) ?? "?"] = event.status
    if (event.type === "log")
      ran.logs[names.get(event.jobId) ?? "?"] = (ran.logs[names.get(event.jobId) ?? "?"] ?? "") + event.text
    if (event.type === "finished") Object.assign(ran, { status: event.status, error: event.error })
    options.onEvent?.(event, ran.ids)
  }
  expect(ran.events.filter((event) => event.type === "finished")).toHaveLength(1)
  expect(ran.events.at(-1)?.type).toBe("finished")
  return ran
}

const runFile = async (yaml: string, files: Record<string, string> = {}, options: RunOptions = {}) =>
  run(await commit({ ".gitlab-ci.yml": yaml, ...files }), options)

// oxlint-disable-next-line no-control-regex -- colours
const plain = (log: string | undefined) => (log ?? "").replaceAll(/\u001B\[[\d;]*m/g, "")

describe("a green pipeline", () => {
  test("shows each command, runs on a clean checkout, knows GitLab's variables", async () => {
    const ran = await runFile(
      `
variables: {GREETING: "hello from $CI_PROJECT_NAME", OUT: $CI_PROJECT_DIR/out}
test:
  image: node:24
  before_script: ["export FROM_BEFORE=kept"]
  script:
    - ls -A
    - echo "$GREETING, $FROM_BEFORE, $CI $CI_COMMIT_BRANCH $CI_PIPELINE_SOURCE $CI_JOB_NAME $CI_JOB_STAGE"
    - test "$CI_PROJECT_DIR" = "$PWD" && test "$OUT" = "$PWD/out" && test -z "$GITLAB_CI"
    - cd sub
    - |
      for n in 1 2; do
        echo "in $(basename "$PWD") $n"
      done
    - echo "it's" '"quoted"' >&2
`,
      { "index.html": "x", "sub/a.txt": "x" },
    )
    expect(ran.error).toBeNull()
    expect(plain(ran.logs["test"]))
      .toBe(`The image node:24 is not used here; the check runs in the project's own workspace.
$ export FROM_BEFORE=kept
$ ls -A
.gitlab-ci.yml
index.html
sub
$ echo "$GREETING, $FROM_BEFORE, $CI $CI_COMMIT_BRANCH $CI_PIPELINE_SOURCE $CI_JOB_NAME $CI_JOB_STAGE"
hello from shop, kept, true main push test test
$ test "$CI_PROJECT_DIR" = "$PWD" && test "$OUT" = "$PWD/out" && test -z "$GITLAB_CI"
$ cd sub
$ for n in 1 2; do # and more lines
in sub 1
in sub 2
$ echo "it's" '"quoted"' >&2
it's "quoted"
Job succeeded
`)
    expect(
      ran.events.map((event) => (event.type === "job" ? event.status : event.type)).filter((word) => word !== "log"),
    ).toEqual(["pipeline", "planned", "running", "success", "finished"])
    expect(ran.status).toBe("success")
  })

  test("leaves nothing behind but artifacts", async () => {
    const ran = await runFile("a:\n  script: [mkdir -p d, chmod 000 d, echo x > y]")
    expect(ran.status).toBe("success")
    const builds = join(dataDir, "builds")
    const projects = await readdir(builds)
    for (const project of projects) {
      for (const build of await readdir(join(builds, project))) {
        const left = await readdir(join(builds, project, build))
        expect(left.filter((name) => name !== "artifacts")).toEqual([])
      }
    }
  })
})

describe("a red pipeline", () => {
  test("ends at the first command that fails, says its first plain line, leaves later jobs out", async () => {
    const ran = await runFile(`
stages: [check, ship]
check: {stage: check, script: [echo fine, "sh -c 'echo out of paint; exit 3'", echo never]}
ship: {stage: ship, script: echo never}`)
    expect(ran).toMatchObject({ status: "failed", error: "out of paint", jobs: { check: "failed", ship: "skipped" } })
    expect(plain(ran.logs["check"])).toEndWith("out of paint\nERROR: Job failed: exit code 3\n")
    expect(ran.logs["check"]).not.toContain("never")
    expect(ran.logs["ship"]).toBeUndefined()
  })

  test("the words of a failing bun test", async () => {
    const files = {
      "a.test.ts": `import { test, expect } from "bun:test"\ntest("adds an item", () => expect(1).toBe(2))`,
    }
    const ran = await runFile("test: {script: [bun test]}", files)
    expect(ran.error).toBe("(fail) adds an item")
  })

  test("a pipe fails with any of its parts where there is bash", async () => {
    const ran = await runFile("a: {script: ['false | cat']}")
    expect(ran).toMatchObject({ status: "failed", error: "`false | cat` did not succeed" })
  })

  test("a file that is refused, missing or leaves nothing to run", async () => {
    expect(await runFile("a: {script: x, services: [db]}")).toMatchObject({
      status: "failed",
      error: "The checks file uses `services`, which is not supported here (line 1)",
    })
    expect(await run(await commit({ "index.html": "x" }))).toMatchObject({
      status: "failed",
      error: "This version has no checks file (.gitlab-ci.yml)",
    })
    expect(await runFile("a: {script: x, only: [tags]}")).toMatchObject({
      status: "failed",
      error: "No check of the checks file applies to this version",
    })
  })

  test("a sha that is not there does not throw", async () => {
    const { id } = await commit({ "a.txt": "x" })
    const quiet = createForge({ onFault: () => {} })
    const ran = await run({ id, sha: "f".repeat(40) }, { forge: quiet })
    expect(ran.status).toBe("failed")
    expect(ran.error).not.toBeNull()
  })
})

describe("how jobs end", () => {
  test("after_script runs in its own shell, whatever became of the job, and changes nothing", async () => {
    const ran = await runFile(`
bad: {script: [X=1, exit 2], after_script: ["echo after $CI_JOB_STATUS [$X]"]}
good: {script: [echo ok], after_script: ["echo after $CI_JOB_STATUS", "false"]}`)
    expect(ran.jobs).toEqual({ bad: "failed", good: "success" })
    expect(plain(ran.logs["bad"])).toContain("\nafter failed []\n")
    expect(plain(ran.logs["good"])).toContain("\nafter success\n")
    expect(plain(ran.logs["good"])).toContain("WARNING: after_script failed")
  })

  test("allowed failures are warnings, by flag and by exit code", async () => {
    const ran = await runFile(`
flag: {script: exit 1, allow_failure: true}
code: {script: exit 7, allow_failure: {exit_codes: [7, 8]}}
last: {script: echo ran, stage: deploy}`)
    expect(ran).toMatchObject({
      status: "success",
      error: null,
      jobs: { flag: "failed", code: "failed", last: "success" },
    })
    const other = await runFile("code: {script: exit 9, allow_failure: {exit_codes: 7}}")
    expect(other.status).toBe("failed")
  })

  test("a job past its time is ended, its children too", async () => {
    const ran = await runFile(
      "slow:\n  timeout: 1s\n  script: [(sleep 100 &), echo waiting, sleep 100]\n  after_script: [echo after]",
    )
    expect(ran).toMatchObject({ status: "failed", error: "The check slow took longer than 1 second" })
    expect(plain(ran.logs["slow"])).toContain("after\n")
  })

  test("a job's default time, and more than the most", async () => {
    const short = createForge({ limits: { timeoutMs: 300, timeoutMostMs: 600 } })
    const ran = await runFile("a: {script: sleep 50}\nb: {script: sleep 50, timeout: 5h}", {}, { forge: short })
    expect(ran.jobs).toEqual({ a: "failed", b: "failed" })
  })

  test("retry: as often as it says, only for its reasons, on a clean checkout again", async () => {
    const ran = await runFile(`
often: {script: [test ! -e mark, touch mark, exit 1], retry: 2}
timeouts: {script: exit 1, retry: {max: 2, when: job_execution_timeout}}`)
    expect(plain(ran.logs["often"]).match(/Trying again/g)).toHaveLength(2)
    expect(plain(ran.logs["often"]).match(/\$ touch mark/g)).toHaveLength(3)
    expect(ran.logs["timeouts"]).not.toContain("Trying again")
    expect(ran.status).toBe("failed")
  })

  test("manual jobs wait for a person and can be started", async () => {
    const text =
      "a: {script: echo a, stage: build}\nb: {script: echo b, when: manual, allow_failure: false}\nc: {script: echo c, stage: deploy}"
    const project = await commit({ ".gitlab-ci.yml": text })
    const first = await run(project)
    expect(first).toMatchObject({ status: "manual", error: null, jobs: { a: "success", b: "manual", c: "created" } })
    const keep: KeptJob[] = [{ id: first.ids["a"] ?? "", name: "a", status: "success", allowFailure: false }]
    const second = await run(project, { buildId: first.buildId, keep, play: ["b"] })
    expect(second).toMatchObject({ status: "success", jobs: { a: "success", b: "success", c: "success" } })
    expect(second.ids["a"]).toBe(first.ids["a"] ?? "")
    expect(second.logs["a"]).toBeUndefined()
  })

  test("two at once, no more; needs before stages", async () => {
    const text = `
stages: [one, two]
a: {stage: one, script: sleep 0.3}
b: {stage: one, script: sleep 0.3}
c: {stage: one, script: sleep 0.1}
early: {stage: two, script: echo x, needs: [a]}
late: {stage: two, script: echo x}`
    let most = 0
    let now = 0
    const order: string[] = []
    const ran = await runFile(
      text,
      {},
      {
        onEvent: (event, ids) => {
          if (event.type !== "job") return
          if (event.status === "running") {
            most = Math.max(most, ++now)
            order.push(Object.entries(ids).find(([, id]) => id === event.jobId)?.[0] ?? "?")
          } else if (event.status === "success") now--
        },
      },
    )
    expect(ran.status).toBe("success")
    expect(most).toBe(2)
    expect(order.slice(0, 2)).toEqual(["a", "b"])
    expect(order.at(-1)).toBe("late")
  })
})

describe("cancel", () => {
  test("ends what runs at once and the rest unstarted", async () => {
    const controller = new AbortController()
    const start = performance.now()
    const ran = await runFile(
      "a: {script: [echo begun, sleep 100], stage: build}\nb: {script: echo never}",
      {},
      {
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === "log" && event.text.includes("begun")) controller.abort()
        },
      },
    )
    expect(ran).toMatchObject({ status: "canceled", error: null, jobs: { a: "canceled", b: "canceled" } })
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  test("before it began", async () => {
    const ran = await runFile("a: {script: echo never}", {}, { signal: AbortSignal.abort() })
    expect(ran.status).toBe("canceled")
    expect(ran.logs["a"]).toBeUndefined()
  })

  test("a reader that walks away ends the jobs", async () => {
    const project = await commit({ ".gitlab-ci.yml": "a: {script: [echo begun, sleep 100]}" })
    const input = {
      projectId: project.id,
      buildId: newId(),
      sha: project.sha,
      projectName: "shop",
      keep: [],
      play: [],
      attempt: "first" as const,
      mergeRequest: null,
    }
    const start = performance.now()
    for await (const event of forge.run(input, new AbortController().signal)) if (event.type === "log") break
    expect(performance.now() - start).toBeLessThan(10_000)
    const folder = join(dataDir, "builds", project.id, input.buildId)
    expect(existsSync(folder) ? await readdir(folder) : []).toEqual([])
  })
})

describe("artifacts", () => {
  const text = `
make:
  stage: build
  script:
    - mkdir -p dist/.deep/er cold
    - echo one > dist/a.txt; echo two > dist/.deep/er/b.txt; echo map > dist/a.map; echo log > x.log; echo run > dist/run.sh
    - chmod +x dist/run.sh
    - ln -s a.txt dist/inside; ln -s /etc/passwd dist/outside; ln -s ../../../etc/hostname dist/up; ln -s / linkdir
  artifacts:
    name: parts
    paths: [dist/, "*.log", nothing/**, linkdir/etc/passwd, ../x, /etc/passwd]
    exclude: ["**/*.map"]
use:
  script:
    - cat dist/a.txt dist/.deep/er/b.txt x.log dist/inside
    - ./dist/run.sh || test -x dist/run.sh
    - test ! -e dist/a.map && test ! -L dist/outside && test ! -L dist/up
without: {script: test ! -e dist, dependencies: []}`

  test("go on to later jobs and can be fetched; no link leads out", async () => {
    const project = await commit({ ".gitlab-ci.yml": text })
    const ran = await run(project)
    expect(ran.error).toBeNull()
    expect(plain(ran.logs["use"])).toContain("one\ntwo\nlog\none\n")
    for (const pattern of ["nothing/**", "linkdir/etc/passwd", "../x", "/etc/passwd"]) {
      expect(plain(ran.logs["make"])).toContain(`WARNING: ${pattern}: no matching files`)
    }
    const list = await forge.artifacts(placeOf(project.id, ran.buildId))
    expect(list.map(({ name, path, size }) => `${name} ${path} ${size}`).sort()).toEqual([
      "parts dist/.deep/er/b.txt 4",
      "parts dist/a.txt 4",
      "parts dist/run.sh 4",
      "parts x.log 4",
    ])
    const jobId = ran.ids["make"] ?? ""
    expect(await (await forge.openArtifact(placeOf(project.id, ran.buildId), jobId, "dist/a.txt"))?.text()).toBe(
      "one\n",
    )
    for (const path of ["dist/outside", "../artifacts", "dist/../../../../etc/passwd", "dist", "", "/etc/passwd"]) {
      expect(await forge.openArtifact(placeOf(project.id, ran.buildId), jobId, path)).toBeNull()
    }
    expect(await forge.openArtifact(placeOf(project.id, "../.."), jobId, "dist/a.txt")).toBeNull()
    await forge.removeProject(project.id)
    expect(await forge.artifacts(placeOf(project.id, ran.buildId))).toEqual([])
  })

  test("when: on_failure, and what expired", async () => {
    const project = await commit({
      ".gitlab-ci.yml": `
a: {script: [echo x > f, exit 1], artifacts: {paths: [f], when: on_failure, expire_in: 1 second}}
b: {script: [echo x > f, exit 1], artifacts: {paths: [f]}}`,
    })
    const ran = await run(project)
    expect((await forge.artifacts(placeOf(project.id, ran.buildId))).map((file) => file.jobId)).toEqual([
      ran.ids["a"] ?? "",
    ])
    const deadline = Date.now() + 5_000
    while ((await forge.artifacts(placeOf(project.id, ran.buildId))).length > 0 && Date.now() < deadline)
      await Bun.sleep(50)
    expect(await forge.artifacts(placeOf(project.id, ran.buildId))).toEqual([])
  })

  test("more than is kept fails the job in words", async () => {
    const ran = await runFile("a:\n  script: [truncate -s 200M big]\n  artifacts: {paths: [big]}")
    expect(ran).toMatchObject({ status: "failed", error: "The artifacts are larger than 100 MB" })
  })

  test("only the newest builds keep theirs", async () => {
    const few = createForge({ keepBuilds: 2 })
    const project = await commit({ ".gitlab-ci.yml": "a:\n  script: [echo x > f]\n  artifacts: {paths: [f]}" })
    const builds: string[] = []
    for (let n = 0; n < 3; n++) builds.push((await run(project, { forge: few })).buildId)
    const kept = await Promise.all(
      builds.map(async (buildId) => (await few.artifacts(placeOf(project.id, buildId))).length),
    )
    expect(kept).toEqual([0, 1, 1])
  })
})

describe("images", () => {
  /** The process sandbox, told that it has images; `before` is asked ahead of each command. */
  function withImages(before: (input: ExecInput) => void): { sandbox: Sandbox; images: (ImageSource | null)[] } {
    const images: (ImageSource | null)[] = []
    const scripted: Sandbox = {
      ...sandbox,
      mode: "docker",
      exec: async (target, input) => {
        images.push(input.image)
        before(input)
        return sandbox.exec(target, input)
      },
    }
    return { sandbox: scripted, images }
  }

  const app: ImageSource = { type: "dockerfile", dockerfile: "Dockerfile", context: ".", target: null, args: {} }

  test("are the job's own, or the app's as it stands in the checkout; what they need is told in the log", async () => {
    const scripted = withImages((input) => input.onProgress?.("Fetching the image… 42 %"))
    const seen: string[] = []
    const ran = await runFile(
      `
own: {stage: build, image: "alpine:$TAG", variables: {TAG: "3"}, script: [echo own], after_script: [echo after]}
app: {stage: test, script: [echo app]}`,
      { Dockerfile: "FROM x" },
      {
        forge: createForge({
          sandbox: scripted.sandbox,
          imageOf: async (root) => {
            seen.push(...(await readdir(root)).sort())
            return app
          },
        }),
      },
    )
    expect(ran.error).toBeNull()
    expect(scripted.images).toEqual([{ type: "name", name: "alpine:3" }, { type: "name", name: "alpine:3" }, app])
    expect(seen).toEqual([".gitlab-ci.yml", "Dockerfile"])
    expect(plain(ran.logs["own"])).toStartWith("Fetching the image… 42 %\n$ echo own\nown\n")
  })

  test("that cannot be had fail the job in their words; one for which the server is to blame is tried again", async () => {
    let asked = 0
    const scripted = withImages(({ image }) => {
      asked++
      if (image === null) throw new SandboxError("There is no public image x. Check its name.", "denied", "failed")
      if (asked === 1) throw new SandboxError("The registry did not answer. Try again.", "dial tcp", "unavailable")
    })
    const forge = createForge({ sandbox: scripted.sandbox })
    const retry = "retry: {max: 1, when: runner_system_failure}"
    const ran = await runFile(`a: {image: x, script: [echo fine], ${retry}}`, {}, { forge })
    expect([ran.status, ran.error]).toEqual(["success", null])
    expect(plain(ran.logs["a"])).toStartWith(
      "dial tcp\nERROR: Job failed: The registry did not answer. Try again.\nTrying again (1 of 1)\n",
    )
    const never = await runFile(`a: {script: [echo fine], ${retry}}`, {}, { forge })
    expect([never.status, never.error]).toEqual(["failed", "There is no public image x. Check its name."])
    expect(plain(never.logs["a"])).toBe("denied\nERROR: Job failed: There is no public image x. Check its name.\n")
  })
})

describe("hostile jobs", () => {
  test("a flood of output is cut with a word, its end is kept", async () => {
    const ran = await runFile("a: {script: ['head -c 30000000 /dev/zero | tr \"\\\\0\" x | fold -w 99', echo the end]}")
    const log = plain(ran.logs["a"])
    expect(log.length).toBeLessThan(4_100_000)
    expect(log).toContain("bytes left out")
    expect(log).toContain("the end")
    expect(ran.status).toBe("success")
  })

  test("the server's environment and data are not there", async () => {
    process.env["GOCHAT_TEST_SECRET"] = "do-not-tell"
    try {
      const ran = await runFile(`a: {script: [env, "ls ${dataDir} || true"]}`)
      expect(ran.logs["a"]).not.toContain("do-not-tell")
      if (sandbox.isolation === "bubblewrap") expect(ran.logs["a"]).not.toContain("repos")
    } finally {
      delete process.env["GOCHAT_TEST_SECRET"]
    }
  })

  test("a workspace turned into links does not lead artifacts out", async () => {
    await mkdir(join(dataDir, "victim"), { recursive: true })
    const ran = await runFile(`
a:
  stage: build
  script: [mkdir d, echo evil > d/f]
  artifacts: {paths: [d/]}
b:
  script: [rm -rf d, "ln -s ${join(dataDir, "victim")} d"]
  artifacts: {paths: [d]}
c: {stage: deploy, script: [test ! -L d, test -f d/f]}`)
    expect(ran.error).toBeNull()
    expect(await readdir(join(dataDir, "victim"))).toEqual([])
  })
})
