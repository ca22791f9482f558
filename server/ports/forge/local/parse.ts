import type { ChecksFile, JobSpec } from "./checks-file.ts"
import { ChecksFileError, unsupported } from "./checks-file-error.ts"
import {
  allowFailureOf,
  artifactsOf,
  checkCache,
  imageOf,
  needsOf,
  refsOf,
  retryOf,
  rulesOf,
  whens,
} from "./job-keys.ts"
import { type Located, type LocatedEntry, type LocatedMap, readLocated } from "./located.ts"
import {
  booleanOf,
  durationOf,
  knownKeys,
  mapOf,
  mustBe,
  oneOf,
  scriptOf,
  stringOf,
  textsOf,
  variablesOf,
} from "./values.ts"

const defaultStages = ["build", "test", "deploy"]
/** Most jobs of one file. */
const jobsMost = 100
/** Longest script of a job, `before_script` included: it travels as one argument. */
const scriptChars = 30_000

/** Keys that may stand at the top, in `default`, or both. */
const legacyDefaults = ["image", "before_script", "after_script", "cache"]
const defaultKeys = [...legacyDefaults, "artifacts", "retry", "timeout", "interruptible"]
const ownKeys = [
  "stage",
  "script",
  "variables",
  "needs",
  "dependencies",
  "when",
  "allow_failure",
  "rules",
  "only",
  "except",
]
const jobKeys = [...ownKeys, ...defaultKeys]
/** Top-level words of GitLab that are not names of jobs. */
const reserved = ["include", "workflow", "services", "spec", "extends"]

/** Reads a checks file; throws `ChecksFileError` for what is wrong or outside the subset. */
export function parseChecksFile(text: string): ChecksFile {
  const root = readLocated(text)
  if (root.kind !== "map") throw new ChecksFileError("The checks file names no checks", null)
  for (const word of reserved) {
    const entry = root.entries.get(word)
    if (entry !== undefined) throw unsupported(word, entry.line)
  }
  const stages = stagesOf(root)
  const defaults = defaultsOf(root)
  const jobs: JobSpec[] = []
  for (const [name, entry] of root.entries) {
    const isJob = !["stages", "default", "variables", ...legacyDefaults].includes(name)
    // A name that begins with a dot is a note for anchors, not a job.
    if (isJob && !name.startsWith(".")) jobs.push(jobOf(name, entry, defaults, stages))
  }
  if (jobs.length === 0) throw new ChecksFileError("The checks file names no checks", null)
  if (jobs.length > jobsMost) throw new ChecksFileError(`The checks file names more than ${jobsMost} checks`, null)
  const variables = root.entries.get("variables")
  return { stages, variables: variables === undefined ? new Map() : variablesOf(variables.value, "variables"), jobs }
}

function stagesOf(root: LocatedMap): string[] {
  const entry = root.entries.get("stages")
  const named = entry === undefined ? defaultStages : textsOf(entry.value, "stages").map(({ text }) => text)
  return [".pre", ...new Set(named.filter((stage) => stage !== ".pre" && stage !== ".post")), ".post"]
}

function defaultsOf(root: LocatedMap): ReadonlyMap<string, LocatedEntry> {
  const entry = root.entries.get("default")
  const defaults = new Map(
    entry === undefined ? [] : knownKeys(mapOf(entry.value, "default"), "default", defaultKeys).entries,
  )
  for (const key of legacyDefaults) {
    const legacy = root.entries.get(key)
    if (legacy === undefined) continue
    if (defaults.has(key)) throw new ChecksFileError(`\`${key}\` stands at the top and in \`default\``, legacy.line)
    defaults.set(key, legacy)
  }
  return defaults
}

function jobOf(
  name: string,
  { value, line }: LocatedEntry,
  defaults: ReadonlyMap<string, LocatedEntry>,
  stages: readonly string[],
): JobSpec {
  if (value.kind !== "map") throw new ChecksFileError(`\`${name}\` must be a check with a \`script\``, line)
  for (const [key, entry] of value.entries) if (!jobKeys.includes(key)) throw unsupported(key, entry.line)
  const own = <T>(key: string, read: (value: Located) => T): T | null => {
    const entry = value.entries.get(key)
    return entry === undefined ? null : read(entry.value)
  }
  const inherited = <T>(key: string, read: (value: Located) => T): T | null => {
    const entry = value.entries.get(key) ?? defaults.get(key)
    return entry === undefined ? null : read(entry.value)
  }
  inherited("cache", checkCache)
  const job: JobSpec = {
    name,
    line,
    stage: own("stage", (stage) => stageOf(stage, stages)) ?? stageOf({ kind: "scalar", line, value: "test" }, stages),
    image: inherited("image", imageOf),
    variables: own("variables", (variables) => variablesOf(variables, "variables")) ?? new Map(),
    beforeScript: inherited("before_script", (script) => scriptOf(script, "before_script")) ?? [],
    script: own("script", (script) => scriptOf(script, "script")) ?? [],
    afterScript: inherited("after_script", (script) => scriptOf(script, "after_script")) ?? [],
    needs: own("needs", needsOf),
    dependencies: own("dependencies", (list) =>
      textsOf(list, "dependencies").map((item) => ({ job: item.text, line: item.line })),
    ),
    when: own("when", (when) => oneOf(when, "when", whens)) ?? "on_success",
    allowFailure: own("allow_failure", allowFailureOf),
    rules: own("rules", rulesOf),
    only: own("only", (refs) => refsOf(refs, "only")),
    except: own("except", (refs) => refsOf(refs, "except")),
    artifacts: inherited("artifacts", artifactsOf),
    timeoutMs: inherited("timeout", (timeout) => durationOf(timeout, "timeout")),
    retry: inherited("retry", retryOf) ?? { max: 0, when: ["always"] },
    interruptible: inherited("interruptible", (flag) => booleanOf(flag, "interruptible")) ?? false,
  }
  check(job, value)
  return job
}

function stageOf(value: Located, stages: readonly string[]): string {
  const stage = stringOf(value, "stage")
  if (stages.includes(stage)) return stage
  throw new ChecksFileError(
    `The stage \`${stage}\` is not among the stages ${stages.slice(1, -1).join(", ")}`,
    value.line,
  )
}

function check(job: JobSpec, value: LocatedMap): void {
  if (job.script.length === 0) {
    throw new ChecksFileError(`The check \`${job.name}\` has no \`script\``, job.line)
  }
  if (job.name.length > 255) throw mustBe(job.name, "a name of at most 255 characters", job.line)
  const chars = [...job.beforeScript, ...job.script].reduce((sum, text) => sum + text.length, 0)
  if (chars > scriptChars) throw new ChecksFileError(`The script of \`${job.name}\` is too long`, job.line)
  const refs = value.entries.get("only") ?? value.entries.get("except")
  if (job.rules !== null && refs !== undefined) {
    throw new ChecksFileError(
      `The check \`${job.name}\` uses \`rules\` together with \`only\` or \`except\``,
      refs.line,
    )
  }
}
