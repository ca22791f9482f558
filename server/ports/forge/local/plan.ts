import type { PipelineInput } from "../port.ts"
import type { AllowFailure, ArtifactSpec, ChecksFile, JobSpec, Reference, Retry, When } from "./checks-file.ts"
import { ChecksFileError } from "./checks-file-error.ts"
import { holds, variablesOf } from "./expression.ts"
import { refsHold } from "./job-keys.ts"
import {
  expandText,
  expandVariables,
  predefined,
  projectDirMark,
  type Surroundings,
  unsetNames,
  usual,
} from "./variables.ts"

/** The jobs of one pipeline in the order of their stages; those that do not apply are left out. */
export interface PlannedJob {
  name: string
  stage: string
  stageIndex: number
  when: When
  allowFailure: AllowFailure
  /** Names of the jobs it waits for; null: all of the stages before. */
  needs: readonly string[] | null
  /** Names of the jobs whose artifacts it gets, in order. */
  artifactsFrom: readonly string[]
  image: string | null
  variables: Readonly<Record<string, string>>
  script: readonly string[]
  afterScript: readonly string[]
  artifacts: ArtifactSpec | null
  timeoutMs: number | null
  retry: Retry
  interruptible: boolean
}

/** Decides which jobs of the file a push to the branch runs, and how. Throws `ChecksFileError`. */
export function planPipeline(file: ChecksFile, input: PipelineInput, around = usual): PlannedJob[] {
  const base = predefined(input, around)
  const decided = file.jobs.flatMap((spec) => {
    const variables = expandVariables(
      { ...base, CI_JOB_NAME: spec.name, CI_JOB_STAGE: spec.stage },
      file.variables,
      spec.variables,
      around.variables,
    )
    checkConditions(spec, variables)
    const applied = applies(spec, variables, around)
    return applied === null ? [] : [{ spec, variables, ...applied, stageIndex: file.stages.indexOf(spec.stage) }]
  })
  const stageOf = new Map(file.jobs.map((spec) => [spec.name, file.stages.indexOf(spec.stage)]))
  const present = new Map(decided.map((job) => [job.spec.name, job.stageIndex]))
  const jobs = decided.map(({ spec, variables, when, allowFailure, stageIndex }): PlannedJob => {
    const needs = needsOf(spec, stageOf, present)
    return {
      name: spec.name,
      stage: spec.stage,
      stageIndex,
      when,
      allowFailure,
      needs: needs?.map((need) => need.job) ?? null,
      artifactsFrom: artifactsFrom(spec, needs, stageOf, present),
      image: spec.image === null ? null : expandText(spec.image, (name) => variables[name] ?? ""),
      variables,
      script: [...spec.beforeScript, ...spec.script],
      afterScript: spec.afterScript,
      artifacts: spec.artifacts === null ? null : expandArtifacts(spec.artifacts, variables),
      timeoutMs: spec.timeoutMs,
      retry: spec.retry,
      interruptible: spec.interruptible,
    }
  })
  checkCircles(jobs)
  return jobs.sort((a, b) => a.stageIndex - b.stageIndex)
}

/** Does the job run, and how? By its rules (the first that holds), or by its branches and its own words. */
function applies(
  spec: JobSpec,
  variables: Record<string, string>,
  { branch }: Surroundings,
): { when: When; allowFailure: AllowFailure } | null {
  if (spec.rules !== null) {
    const rule = spec.rules.find(
      ({ if: condition }) => condition === null || holds(condition, (name) => variables[name] ?? null),
    )
    const when = rule?.when ?? spec.when
    if (rule === undefined || when === "never") return null
    return { when, allowFailure: rule.allowFailure ?? spec.allowFailure ?? refused }
  }
  const included = spec.only === null || refsHold(spec.only, branch)
  const excluded = spec.except !== null && refsHold(spec.except, branch)
  if (!included || excluded || spec.when === "never") return null
  return { when: spec.when, allowFailure: spec.allowFailure ?? (spec.when === "manual" ? allowed : refused) }
}

const allowed: AllowFailure = { allowed: true, exitCodes: null }
const refused: AllowFailure = { allowed: false, exitCodes: null }

function checkConditions(spec: JobSpec, variables: Record<string, string>): void {
  for (const rule of spec.rules ?? []) {
    const names = rule.if === null ? [] : variablesOf(rule.if)
    const unknown = names.find((name) => !Object.hasOwn(variables, name) && !unsetNames.includes(name))
    if (unknown !== undefined) {
      throw new ChecksFileError(`A condition asks for \`$${unknown}\`, which is not known here`, rule.line)
    }
  }
}

function needsOf(spec: JobSpec, stageOf: Map<string, number>, present: Map<string, number>) {
  return (
    spec.needs?.filter((need) => {
      if (present.has(need.job)) {
        checkOrder(spec, need, stageOf, "needs")
        return true
      }
      if (need.optional) return false
      throw new ChecksFileError(
        `The check \`${spec.name}\` needs \`${need.job}\`, which is not among the checks`,
        need.line,
      )
    }) ?? null
  )
}

function artifactsFrom(
  spec: JobSpec,
  needs: { job: string; artifacts: boolean }[] | null,
  stageOf: Map<string, number>,
  present: Map<string, number>,
): string[] {
  for (const reference of spec.dependencies ?? []) {
    if (!stageOf.has(reference.job)) {
      const words = `The check \`${spec.name}\` depends on \`${reference.job}\`, which is not among the checks`
      throw new ChecksFileError(words, reference.line)
    }
    checkOrder(spec, reference, stageOf, "dependencies")
  }
  const own = stageOf.get(spec.name) ?? 0
  const candidates =
    needs === null
      ? [...present].filter(([, stage]) => stage < own).map(([name]) => name)
      : needs.filter((need) => need.artifacts).map((need) => need.job)
  const wanted = spec.dependencies?.map((reference) => reference.job)
  return candidates.filter((name) => wanted?.includes(name) ?? true)
}

/** A job may wait for jobs of its own stage and before; it depends only on those of stages before, or on its needs. */
function checkOrder(spec: JobSpec, to: Reference, stageOf: Map<string, number>, key: "needs" | "dependencies"): void {
  const own = stageOf.get(spec.name) ?? 0
  const other = stageOf.get(to.job) ?? 0
  const early = key === "needs" || spec.needs !== null ? other <= own : other < own
  if (!early || to.job === spec.name) {
    throw new ChecksFileError(
      `\`${key}\` of \`${spec.name}\` names \`${to.job}\`, which does not run before it`,
      to.line,
    )
  }
}

function checkCircles(jobs: readonly PlannedJob[]): void {
  const needs = new Map(jobs.map((job) => [job.name, job.needs ?? []]))
  const done = new Set<string>()
  const open = new Set<string>()
  const visit = (name: string) => {
    if (done.has(name)) return
    if (open.has(name)) throw new ChecksFileError(`The check \`${name}\` waits for itself through its \`needs\``, null)
    open.add(name)
    for (const next of needs.get(name) ?? []) visit(next)
    open.delete(name)
    done.add(name)
  }
  for (const name of needs.keys()) visit(name)
}

function expandArtifacts(spec: ArtifactSpec, variables: Record<string, string>): ArtifactSpec {
  const expand = (text: string) => expandText(text, (name) => variables[name] ?? "")
  const inside = (path: string) => expand(path).replace(projectDirMark, ".")
  return {
    ...spec,
    paths: spec.paths.map(inside),
    exclude: spec.exclude.map(inside),
    name: spec.name === null ? null : expand(spec.name).replaceAll(projectDirMark, ""),
  }
}
