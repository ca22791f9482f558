import type { Job } from "../world.ts"

const erase = "\u001B[0K"
const seconds = (): number => Math.floor(Date.now() / 1000)
const open = new WeakSet<Job>()

export function appendTrace(job: Job, text: string | Uint8Array): void {
  job.trace.push(typeof text === "string" ? new TextEncoder().encode(text) : text)
}

/** What a runner says before a job's own words, with marks of sections. */
export function openTrace(job: Job): void {
  open.add(job)
  const at = seconds()
  appendTrace(
    job,
    `${erase}Running with gitlab-runner 18.5.0 (double)${erase}\n` +
      `section_start:${at}:prepare_executor\r${erase}${erase}\u001B[36;1mPreparing the "docker" executor\u001B[0;m${erase}\n` +
      `section_end:${at}:prepare_executor\r${erase}` +
      `section_start:${at}:step_script\r${erase}${erase}\u001B[36;1mExecuting "step_script" stage of the job script\u001B[0;m${erase}\n`,
  )
}

/** What a job says; its last line comes after the section. */
export function writeTrace(job: Job, text: string): void {
  if (/Job (?:succeeded|was canceled|failed)/.test(text)) closeTrace(job)
  appendTrace(job, text)
}

export function closeTrace(job: Job): void {
  if (open.delete(job)) appendTrace(job, `section_end:${seconds()}:step_script\r${erase}`)
}
