import type { ExecInput, ExecResult } from "../port.ts"
import type { Isolation, JobInput } from "./job.ts"
import { launch } from "./launch.ts"
import { readOutput } from "../read-output.ts"

/** Runs a command to its end, its time limit or the caller's abort; nothing of it is left afterwards. */
export async function exec(
  isolation: Isolation,
  job: Omit<JobInput, "command" | "env">,
  input: Omit<ExecInput, "image">,
): Promise<ExecResult> {
  const { dataDir } = isolation.inside(job)
  if (input.signal.aborted) return { exitCode: null, output: "", truncatedBytes: 0, ended: "aborted" }

  const running = await launch(isolation, { ...job, command: input.command, env: { ...input.env, DATA_DIR: dataDir } })
  let ended: ExecResult["ended"] = "exit"
  const stop = (why: "timeout" | "aborted") => {
    if (ended === "exit") ended = why
    void running.end()
  }
  const timer = setTimeout(() => stop("timeout"), input.timeoutMs)
  const onAbort = () => stop("aborted")
  input.signal.addEventListener("abort", onAbort)
  if (input.signal.aborted) onAbort()
  try {
    const reading = readOutput(running.output, input)
    const exitCode = await running.exited
    const clip = await reading
    if (ended === "exit" && exitCode === null) ended = "killed"
    return {
      exitCode: ended === "exit" ? exitCode : null,
      output: clip.text(),
      truncatedBytes: clip.truncatedBytes,
      ended,
    }
  } finally {
    clearTimeout(timer)
    input.signal.removeEventListener("abort", onAbort)
    await running.end()
  }
}
