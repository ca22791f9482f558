import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Repository } from "../../repository/port.ts"
import { type ExecResult, type ImageSource, type Sandbox, SandboxError } from "../../sandbox/port.ts"
import type { PipelineInput } from "../port.ts"
import { type Artifacts, ArtifactsTooLarge } from "./artifacts.ts"
import type { RetryReason } from "./checks-file.ts"
import { durationWords } from "./duration.ts"
import { removeFolder } from "./folders.ts"
import { type JobLog, logChars } from "../job-log.ts"
import { jobCommand, jobEnvironment } from "./job-script.ts"
import type { PlannedJob } from "./plan.ts"

export interface JobLimits {
  /** For a job that does not say. */
  timeoutMs: number
  /** For a job that says more. */
  timeoutMostMs: number
  afterScriptMs: number
}

export const jobLimits: JobLimits = { timeoutMs: 600_000, timeoutMostMs: 3_600_000, afterScriptMs: 300_000 }

export interface JobWork {
  input: PipelineInput
  job: PlannedJob
  jobId: string
  /** Ids of the jobs whose artifacts it gets, with their names. */
  from: readonly { id: string; name: string }[]
  /** Folder of the job while it runs. */
  folder: string
  artifacts: Artifacts
  repository: Repository
  sandbox: Sandbox
  /** Image of the app in a checkout, for a job that names none. */
  imageOf: (root: string) => Promise<ImageSource | null>
  log: JobLog
  limits: JobLimits
  signal: AbortSignal
}

export type JobOutcome =
  | { status: "success" | "canceled" }
  | { status: "failed"; reason: RetryReason; exitCode: number | null; error: string }

/** Runs a job, again where its `retry` says so. Never throws. */
export async function runJob(work: JobWork): Promise<JobOutcome> {
  const { job, log } = work
  if (job.image !== null && work.sandbox.mode === "process")
    log.note(`The image ${job.image} is not used here; the check runs in the project's own workspace.`)
  for (let again = 0; ; again++) {
    const outcome = await attempt(work)
    if (outcome.status === "success") log.note("Job succeeded", "green")
    if (outcome.status === "canceled") log.note("Job was canceled", "yellow")
    if (outcome.status !== "failed") return outcome
    const code = outcome.exitCode === null ? outcome.error : `exit code ${outcome.exitCode}`
    log.note(`ERROR: Job failed: ${code}`, "red")
    if (again >= job.retry.max || !retries(job.retry.when, outcome.reason) || work.signal.aborted) return outcome
    log.note(`Trying again (${again + 1} of ${job.retry.max})`)
    log.restart()
  }
}

const retries = (when: readonly RetryReason[], reason: RetryReason): boolean =>
  when.includes("always") ||
  when.includes(reason) ||
  (reason === "job_execution_timeout" && when.includes("stuck_or_timeout_failure"))

async function attempt(work: JobWork): Promise<JobOutcome> {
  try {
    await removeFolder(work.folder)
    return work.signal.aborted ? { status: "canceled" } : await inFolder(work)
  } catch (error) {
    if (work.signal.aborted) return { status: "canceled" }
    if (error instanceof SandboxError) return notRun(work, error)
    return failed("runner_system_failure", `The check could not be run: ${faultWords(error)}`)
  } finally {
    // What cannot be removed now goes with the build.
    await removeFolder(work.folder).catch(() => {})
  }
}

async function inFolder(work: JobWork): Promise<JobOutcome> {
  const { job, log, input } = work
  const root = join(work.folder, "workspace")
  await mkdir(root, { recursive: true })
  await mkdir(join(work.folder, "data"), { recursive: true })
  await work.repository.checkout(input.projectId, input.sha, root)
  const image = await imageFor(work, root)
  for (const { id, name } of work.from) {
    const count = await work.artifacts.restore(id, root)
    if (count !== null) log.note(`Files of ${name}: ${count}`)
  }
  const command = jobCommand(job.script, job.variables)
  if (Buffer.byteLength(command) > commandBytes) return failed("script_failure", "The script of this check is too long")
  const timeoutMs = Math.min(job.timeoutMs ?? work.limits.timeoutMs, work.limits.timeoutMostMs)
  const result = await exec(work, { root, image, command, timeoutMs })
  const outcome = outcomeOf(work, result, timeoutMs)
  if (outcome.status === "canceled") return outcome
  if (job.afterScript.length > 0) await afterScript(work, root, image, outcome.status)
  if (work.signal.aborted) return { status: "canceled" }
  return (await keepArtifacts(work, root, outcome)) ?? outcome
}

/** The kernel takes 128 kB as one argument. */
const commandBytes = 120_000

/** The job's own image, or that of the app it is checked out from: before artifacts could change what that is. */
async function imageFor({ job, sandbox, imageOf }: JobWork, root: string): Promise<ImageSource | null> {
  if (sandbox.mode === "process") return null
  return job.image === null ? await imageOf(root) : { type: "name", name: job.image }
}

/** A command of the job; `status` is that of what ran before it. */
interface JobCommand {
  root: string
  image: ImageSource | null
  command: string
  timeoutMs: number
  status?: string
}

function exec(work: JobWork, { root, image, command, timeoutMs, status }: JobCommand): Promise<ExecResult> {
  const { input, job } = work
  return work.sandbox.exec(
    { projectId: input.projectId, kind: "build", ref: input.buildId },
    {
      root,
      dataDir: join(work.folder, "data"),
      image,
      command,
      env: {
        ...jobEnvironment(job.variables),
        CI_JOB_ID: work.jobId,
        ...(status === undefined ? {} : { CI_JOB_STATUS: status }),
      },
      timeoutMs,
      maxOutputBytes: outputBytes,
      onProgress: (words) => work.log.note(words),
      onOutput: (text) => work.log.output(text),
      signal: work.signal,
    },
  )
}

/** Of more the sandbox keeps both ends; some room is left for what else the log says. */
const outputBytes = logChars - 100_000

function outcomeOf(work: JobWork, result: ExecResult, timeoutMs: number): JobOutcome {
  if (work.signal.aborted || result.ended === "aborted") return { status: "canceled" }
  if (result.ended === "timeout") {
    return failed("job_execution_timeout", `The check ${work.job.name} took longer than ${durationWords(timeoutMs)}`)
  }
  if (result.ended === "killed" || result.exitCode === null) {
    const error =
      result.reason ?? work.log.failure ?? `The check ${work.job.name} was ended from outside, maybe for want of memory`
    return failed(result.because === "engine" ? "runner_system_failure" : "script_failure", error)
  }
  if (result.exitCode === 0) return { status: "success" }
  const error = result.reason ?? work.log.failure ?? `The check ${work.job.name} did not succeed`
  return { ...failed("script_failure", error), exitCode: result.exitCode }
}

const failed = (reason: RetryReason, error: string) => ({ status: "failed" as const, reason, exitCode: null, error })

/** There was nothing to run it in. */
function notRun({ log }: JobWork, { kind, reason, log: said }: SandboxError): JobOutcome {
  if (said !== "") log.output(said.endsWith("\n") ? said : `${said}\n`)
  return failed(faults[kind], reason)
}

const faults = {
  failed: "script_failure",
  timeout: "job_execution_timeout",
  unavailable: "runner_system_failure",
  disk: "script_failure",
} as const satisfies Record<SandboxError["kind"], RetryReason>

async function afterScript(work: JobWork, root: string, image: ImageSource | null, status: string): Promise<void> {
  work.log.note("Running after_script")
  const command = jobCommand(work.job.afterScript, work.job.variables)
  const result = await exec(work, { root, image, command, timeoutMs: work.limits.afterScriptMs, status })
  // As in GitLab it changes nothing of the outcome.
  if (result.exitCode !== 0 && result.ended !== "aborted") work.log.note("WARNING: after_script failed", "yellow")
}

async function keepArtifacts(work: JobWork, root: string, outcome: JobOutcome): Promise<JobOutcome | null> {
  const spec = work.job.artifacts
  if (spec === null || spec.paths.length === 0) return null
  if (spec.when !== "always" && (spec.when === "on_success") !== (outcome.status === "success")) return null
  try {
    const missing = (path: string) => work.log.note(`WARNING: ${path}: no matching files`, "yellow")
    const count = await work.artifacts.save(work.jobId, work.job.name, root, spec, missing)
    work.log.note(`Kept as artifacts: ${count} files`)
    return null
  } catch (error) {
    if (!(error instanceof ArtifactsTooLarge)) throw error
    return outcome.status === "success" ? failed("script_failure", error.message) : null
  }
}

/** Plain words for what the server itself could not do. */
export function faultWords(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null
  if (code === "ENOSPC" || code === "EDQUOT") return "the server's disk is full"
  if (code === "EMFILE" || code === "ENFILE") return "the server has too many files open"
  return "something went wrong on our side"
}
