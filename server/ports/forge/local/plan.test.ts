import { describe, expect, test } from "bun:test"
import { ChecksFileError } from "./checks-file-error.ts"
import { parseChecksFile } from "./parse.ts"
import { planPipeline, type PlannedJob } from "./plan.ts"
import { projectDirMark } from "./variables.ts"

const input = {
  projectId: "0198c0de-0000-7000-8000-000000000001",
  buildId: "0198c0de-0000-7000-8000-000000000002",
  sha: "0123456789abcdef0123456789abcdef01234567",
  projectName: "shop",
  attempt: "first" as const,
  mergeRequest: null,
  keep: [],
  play: [],
}

const plan = (text: string): PlannedJob[] => planPipeline(parseChecksFile(text), input)
const names = (text: string): string =>
  plan(text)
    .map((job) => job.name)
    .join(" ")
const only = (text: string): PlannedJob => {
  const [job, ...rest] = plan(text)
  expect(rest).toEqual([])
  if (job === undefined) throw new Error("no job")
  return job
}
const refusal = (text: string): string => {
  try {
    plan(text)
  } catch (error) {
    if (error instanceof ChecksFileError) return error.message
    throw error
  }
  return "accepted"
}

const job = (rest: string): string => `test:\n  script: [x]\n${rest.replaceAll(/^/gm, "  ")}\n`

describe("what is refused, by name and line", () => {
  const uses = (word: string, line: number) =>
    `The checks file uses \`${word}\`, which is not supported here (line ${line})`
  const cases: [string, string, string][] = [
    ["include", "include: other.yml\na: {script: x}", uses("include", 1)],
    ["workflow", "a: {script: x}\nworkflow:\n  rules: []", uses("workflow", 2)],
    ["services at the top", "services: [postgres]\na: {script: x}", uses("services", 1)],
    ["services of a job", job("services: [postgres]"), uses("services", 3)],
    ["services as a default", "default:\n  services: [x]\na: {script: x}", uses("default:services", 2)],
    ["extends", ".base: {script: x}\na:\n  extends: .base", uses("extends", 3)],
    ["trigger", "a:\n  trigger: other/project", uses("trigger", 2)],
    ["parallel", job("parallel: 3"), uses("parallel", 3)],
    ["environment", job("environment: production"), uses("environment", 3)],
    ["tags", job("tags: [docker]"), uses("tags", 3)],
    ["secrets", job("secrets: {}"), uses("secrets", 3)],
    ["an unknown word", job("scrpt: y"), uses("scrpt", 3)],
    ["delayed", job("when: delayed"), uses("when: delayed", 3)],
    ["delayed in rules", job("rules:\n  - when: delayed"), uses("rules:when: delayed", 4)],
    ["rules:changes", job("rules:\n  - changes: [a]"), uses("rules:changes", 4)],
    ["rules:exists", job("rules:\n  - exists: [a]"), uses("rules:exists", 4)],
    ["rules:variables", job("rules:\n  - variables: {A: b}"), uses("rules:variables", 4)],
    ["only:changes", job("only:\n  changes: [a]"), uses("only:changes", 4)],
    ["only with an expression", job("only: [/^release/]"), uses("only: /^release/", 3)],
    ["needs of another project", job("needs:\n  - project: a/b\n    job: c\n    ref: main"), uses("needs:project", 4)],
    ["needs:parallel", job("needs:\n  - job: a\n    parallel: {}"), uses("needs:parallel", 5)],
    ["artifacts:reports", job("artifacts:\n  reports: {junit: a.xml}"), uses("artifacts:reports", 4)],
    ["artifacts:untracked", job("artifacts:\n  untracked: true"), uses("artifacts:untracked", 4)],
    ["retry:exit_codes", job("retry:\n  exit_codes: [1]"), uses("retry:exit_codes", 4)],
    ["retry for an unknown reason", job("retry:\n  when: bad_mood"), uses("retry:when: bad_mood", 4)],
    ["!reference", ".a: {script: x}\nb:\n  script: !reference [.a, script]", uses("!reference", 3)],
    ["a match in a condition", job("rules:\n  - if: $CI_COMMIT_BRANCH =~ /x/"), uses("=~", 4)],
    ["a negated match", job("rules:\n  - if: $CI_COMMIT_BRANCH !~ /x/"), uses("!~", 4)],
    ["image options", job("image:\n  name: a\n  docker: {}"), uses("image:docker", 5)],
  ]
  test.each(cases)("%s", (_, text, words) => {
    expect(refusal(text)).toBe(words)
  })
})

describe("what is wrong, in plain words", () => {
  const cases: [string, string, string][] = [
    ["nothing", "", "The checks file names no checks"],
    ["a list", "- a", "The checks file names no checks"],
    ["only hidden jobs", ".a: {script: x}", "The checks file names no checks"],
    ["a text for a job", "a: b", "`a` must be a check with a `script` (line 1)"],
    ["no script", "a:\n  stage: test", "The check `a` has no `script` (line 1)"],
    ["an empty script", "a:\n  script: []", "The check `a` has no `script` (line 1)"],
    [
      "a command that YAML reads as a key",
      "a:\n  script:\n    - echo a: b",
      "A line of `script` holds `: ` and is read as a key; put the line in quotes (line 3)",
    ],
    [
      "a number as a command",
      "a:\n  script: [1]",
      "`script` in the checks file must be a command or a list of commands (line 2)",
    ],
    [
      "a stage that is none",
      job("stage: tset"),
      "The stage `tset` is not among the stages build, test, deploy (line 3)",
    ],
    ["no stage test", "stages: [one]\na:\n  script: x", "The stage `test` is not among the stages one (line 2)"],
    ["a retry too many", job("retry: 3"), "`retry` in the checks file must be 0, 1 or 2 (line 3)"],
    [
      "a timeout that is none",
      job("timeout: soon"),
      "`timeout` in the checks file must be a duration such as `1h 30m` (line 3)",
    ],
    [
      "a flag that is none",
      job("interruptible: maybe"),
      "`interruptible` in the checks file must be `true` or `false` (line 3)",
    ],
    [
      "rules with only",
      job("rules: [{when: always}]\nonly: [main]"),
      "The check `test` uses `rules` together with `only` or `except` (line 4)",
    ],
    [
      "image twice",
      "image: a\ndefault:\n  image: b\na: {script: x}",
      "`image` stands at the top and in `default` (line 1)",
    ],
    [
      "needs of nothing",
      job("needs: [biuld]"),
      "The check `test` needs `biuld`, which is not among the checks (line 3)",
    ],
    [
      "needs of a job that does not apply",
      "a: {script: x, stage: build, rules: [{when: never}]}\nb:\n  script: x\n  needs: [a]",
      "The check `b` needs `a`, which is not among the checks (line 4)",
    ],
    [
      "needs of a later stage",
      "a: {script: x, stage: deploy}\nb:\n  script: x\n  needs: [a]",
      "`needs` of `b` names `a`, which does not run before it (line 4)",
    ],
    ["needs of itself", job("needs: [test]"), "`needs` of `test` names `test`, which does not run before it (line 3)"],
    [
      "needs in a circle",
      "a: {script: x, needs: [b]}\nb: {script: x, needs: [a]}",
      "The check `a` waits for itself through its `needs`",
    ],
    [
      "dependencies of the same stage",
      "a: {script: x}\nb:\n  script: x\n  dependencies: [a]",
      "`dependencies` of `b` names `a`, which does not run before it (line 4)",
    ],
    [
      "an unknown variable in a condition",
      job("rules:\n  - if: $CI_COMMIT_TAG"),
      "A condition asks for `$CI_COMMIT_TAG`, which is not known here (line 4)",
    ],
    [
      "half a condition",
      job("rules:\n  - if: $CI_COMMIT_BRANCH =="),
      "The checks file has a condition that cannot be read: `$CI_COMMIT_BRANCH ==` (line 4)",
    ],
    [
      "an open bracket",
      job("rules:\n  - if: ($CI"),
      "The checks file has a condition that cannot be read: `($CI` (line 4)",
    ],
    ["a variable made of itself", "variables: {A: $B, B: $A}\na: {script: x}", "The variable `A` is made of itself"],
    [
      "a variable with a bad name",
      'variables: {"A-B": x}\na: {script: x}',
      "`variables:A-B` in the checks file must be a name of letters, digits and _ (line 1)",
    ],
    ["the same key twice", "a: {script: x}\na: {script: y}", "The checks file says the same key twice (line 2)"],
    ["two documents", "a: {script: x}\n---\nb: 1", "The checks file holds more than one document (line 2)"],
    ["an alias without its anchor", "a: *b", "The checks file uses `*b` before `&b` (line 1)"],
    [
      "a merge of a text",
      "a:\n  <<: x",
      "The checks file merges (`<<`) something that is not a group of keys (line 2)",
    ],
  ]
  test.each(cases)("%s", (_, text, words) => {
    expect(refusal(text)).toBe(words)
  })

  test("not YAML: the line is named", () => {
    expect(refusal("a: [1,\nb: 2")).toMatch(/^The checks file is not valid YAML: .*\(line 2\)$/)
    expect(refusal("\ta: 1")).toMatch(/^The checks file is not valid YAML: .*\(line 1\)$/)
  })
})

describe("hostile files end in words, quickly", () => {
  test("aliases that unfold to billions of values", () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `.l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(", ")}]`,
    )
    const text = [".l0: &l0 [x, x]", ...levels, "a:\n  script: *l12"].join("\n")
    // Hidden keys are read only through the job that names them.
    expect(refusal(text)).toMatch(/unfolds to far too much/)
  })
  test("an alias inside its own anchor", () => {
    expect(refusal("a: &a\n  script: [*a]")).toMatch(/unfolds to far too much/)
  })
  test("a hundred thousand brackets", () => {
    expect(refusal("[".repeat(100_000))).toMatch(/^The checks file is not valid YAML/)
  })
  test("a file of 300 kB", () => {
    expect(refusal(`a: {script: x}\n#${"x".repeat(300_000)}`)).toBe("The checks file is larger than 200,000 characters")
  })
  test("a script of 100 kB, a thousand jobs", () => {
    expect(refusal(`a:\n  script: "${"x".repeat(100_000)}"`)).toBe("The script of `a` is too long (line 1)")
    const jobs = Array.from({ length: 1000 }, (_, n) => `j${n}: {script: x}`).join("\n")
    expect(refusal(jobs)).toBe("The checks file names more than 100 checks")
  })
  test("a condition of brackets only", () => {
    expect(refusal(job(`rules:\n  - if: "${"(".repeat(5000)}"`))).toMatch(/too long/)
  })
})

describe("which jobs, in which order", () => {
  const cases: [string, string, string][] = [
    ["default stages", "c: {script: x, stage: deploy}\nb: {script: x}\na: {script: x, stage: build}", "a b c"],
    ["own stages", "stages: [z, y]\na: {script: x, stage: y}\nb: {script: x, stage: z}", "b a"],
    [".pre and .post", "a: {script: x, stage: .post}\nb: {script: x}\nc: {script: x, stage: .pre}", "c b a"],
    ["hidden jobs are left out", ".h: {services: [x]}\na: {script: x}", "a"],
    ["when: never", "a: {script: x, when: never}\nb: {script: x}", "b"],
    ["only a branch", "a: {script: x, only: [main]}\nb: {script: x, only: [other]}", "a"],
    [
      "only by kind",
      "a: {script: x, only: [branches]}\nb: {script: x, only: [tags]}\nc: {script: x, only: pushes}",
      "a c",
    ],
    ["only by refs", "a: {script: x, only: {refs: [main, schedules]}}\nb: {script: x, only: {refs: [web]}}", "a"],
    ["except", "a: {script: x, except: [main]}\nb: {script: x, except: [tags]}", "b"],
    ["an optional need that is not there", "a: {script: x, needs: [{job: z, optional: true}]}", "a"],
    ["no rule holds", "a: {script: x, rules: []}\nb: {script: x}", "b"],
  ]
  test.each(cases)("%s", (_, text, expected) => {
    expect(names(text)).toBe(expected)
  })
})

describe("rules: if", () => {
  const cases: [string, boolean][] = [
    ['$CI_COMMIT_BRANCH == "main"', true],
    ["$CI_COMMIT_BRANCH == 'main'", true],
    ['"main" == $CI_COMMIT_BRANCH', true],
    ['$CI_COMMIT_BRANCH != "main"', false],
    ['${CI_COMMIT_BRANCH}=="main"', true],
    ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", true],
    ['$CI_PIPELINE_SOURCE == "push"', true],
    ['$CI_PIPELINE_SOURCE == "merge_request_event"', false],
    ["$CI_REGISTRY", false],
    ["$CI_REGISTRY == null", true],
    ["$CI_REGISTRY != null", false],
    ['$CI_REGISTRY == ""', false],
    ['$EMPTY == ""', true],
    ["$EMPTY", false],
    ["$EMPTY == null", false],
    ["$WORD", true],
    ['$WORD == "two words"', true],
    ["$CI_REGISTRY && $WORD", false],
    ["$CI_REGISTRY || $WORD", true],
    // && binds closer than ||.
    ["$WORD || $CI_REGISTRY && $EMPTY", true],
    ["($WORD || $CI_REGISTRY) && $EMPTY", false],
    ['$CI_COMMIT_BRANCH == "main" && ($CI_PIPELINE_SOURCE == "web" || $CI_PIPELINE_SOURCE == "push")', true],
    ['"yes"', true],
    ['""', false],
    ["null", false],
  ]
  test.each(cases)("%s is %p", (condition, expected) => {
    const quoted = `'${condition.replaceAll("'", "''")}'`
    const text = `variables: {EMPTY: "", WORD: two words}\na:\n  script: x\n  rules:\n    - if: ${quoted}`
    expect(names(text)).toBe(expected ? "a" : "")
  })

  test("the first that holds decides", () => {
    const text = job(`rules:
  - if: $CI_REGISTRY
    when: never
  - if: $CI_COMMIT_BRANCH == "main"
    when: manual
    allow_failure: true
  - when: always`)
    expect(only(text)).toMatchObject({ when: "manual", allowFailure: { allowed: true } })
  })
  test("a rule without `when` takes that of the job", () => {
    expect(only(job("when: always\nrules:\n  - if: $CI")).when).toBe("always")
  })
  test("never takes a job out", () => {
    expect(names(job('rules:\n  - if: $CI_COMMIT_BRANCH == "main"\n    when: never\n  - when: always'))).toBe("")
  })
})

describe("what a job gets", () => {
  test("defaults, which its own words replace", () => {
    const text = `
default:
  image: node:24
  before_script: [echo before]
  after_script: [echo after]
  timeout: 2 minutes
  retry: 1
  interruptible: true
  artifacts: {paths: [out]}
  cache: {paths: [node_modules]}
a: {script: [echo a]}
b: {script: [echo b], before_script: [], image: alpine, timeout: 1h 30m, retry: {max: 2, when: script_failure}, interruptible: no}`
    const [a, b] = plan(text)
    expect(a).toMatchObject({
      image: "node:24",
      script: ["echo before", "echo a"],
      afterScript: ["echo after"],
      timeoutMs: 120_000,
      retry: { max: 1, when: ["always"] },
      interruptible: true,
      artifacts: { paths: ["out"] },
    })
    expect(b).toMatchObject({
      image: "alpine",
      script: ["echo b"],
      timeoutMs: 5_400_000,
      retry: { max: 2, when: ["script_failure"] },
      interruptible: false,
    })
  })

  test("anchors, aliases and merge keys; own keys win, lists unfold", () => {
    const text = `
.setup: &setup [echo one, echo two]
.base: &base
  script: [echo base]
  timeout: 1m
  variables: {A: base}
a:
  <<: *base
  timeout: 2m
b:
  script:
    - *setup
    - echo three
  <<: [*base, {timeout: 3m, interruptible: true}]`
    expect(plan(text)).toMatchObject([
      { script: ["echo base"], timeoutMs: 120_000, variables: { A: "base" } },
      { script: ["echo one", "echo two", "echo three"], timeoutMs: 60_000, interruptible: true },
    ])
  })

  test("variables: predefined, global, own, naming each other", () => {
    const { variables } = only(`
variables:
  A: one
  B: $A and \${C}
  N: 8
  YES: yes
  RAW: {value: $A, expand: false, description: kept}
  COST: $$5
  DIR: $CI_PROJECT_DIR/out
  GONE: "[$NOT_SET]"
a:
  script: x
  variables: {A: two, C: three}`)
    expect(variables).toMatchObject({
      A: "two",
      B: "two and three",
      N: "8",
      YES: "true",
      RAW: "$A",
      COST: "$5",
      DIR: `${projectDirMark}/out`,
      GONE: "[]",
      CI: "true",
      CI_COMMIT_SHA: input.sha,
      CI_COMMIT_SHORT_SHA: "01234567",
      CI_COMMIT_BRANCH: "main",
      CI_PIPELINE_SOURCE: "push",
      CI_PIPELINE_ID: input.buildId,
      CI_PROJECT_NAME: "shop",
      CI_JOB_NAME: "a",
      CI_JOB_STAGE: "test",
    })
    expect(Object.keys(variables)).not.toContain("GITLAB_CI")
    expect(Object.keys(variables)).not.toContain("CI_REGISTRY")
  })

  test("manual jobs may fail by default, not when a rule made them manual", () => {
    expect(only(job("when: manual")).allowFailure.allowed).toBe(true)
    expect(only(job("when: manual\nallow_failure: false")).allowFailure.allowed).toBe(false)
    expect(only(job("rules: [{when: manual}]")).allowFailure.allowed).toBe(false)
    expect(only(job("allow_failure: true")).allowFailure.allowed).toBe(true)
    expect(only(job("allow_failure: {exit_codes: [3, 4]}")).allowFailure).toEqual({ allowed: false, exitCodes: [3, 4] })
  })

  test("artifacts come from all stages before, from the needs, or as `dependencies` says", () => {
    const text = `
a: {script: x, stage: build}
b: {script: x, stage: build}
all: {script: x}
some: {script: x, dependencies: [b]}
none: {script: x, dependencies: []}
need: {script: x, needs: [a]}
order: {script: x, needs: [{job: a, artifacts: false}, b]}`
    const from = Object.fromEntries(plan(text).map((job) => [job.name, job.artifactsFrom]))
    expect(from).toEqual({ a: [], b: [], all: ["a", "b"], some: ["b"], none: [], need: ["a"], order: ["b"] })
  })

  test("artifacts: when, how long, names with variables", () => {
    const { artifacts } = only(
      job(
        'artifacts:\n  name: "$CI_PROJECT_NAME-$CI_COMMIT_SHORT_SHA"\n  paths: [$CI_PROJECT_DIR/dist]\n  exclude: ["**/*.map"]\n  when: always\n  expire_in: 1 week',
      ),
    )
    expect(artifacts).toEqual({
      name: "shop-01234567",
      paths: ["./dist"],
      exclude: ["**/*.map"],
      when: "always",
      expireMs: 604_800_000,
    })
    expect(only(job("artifacts: {paths: [a], expire_in: never}")).artifacts?.expireMs).toBeNull()
    expect(only(job("artifacts: {paths: [a]}")).artifacts?.expireMs).toBe(30 * 86_400_000)
  })
})
