import type { ExecInput, ExecResult } from "../port.ts"
import type { Isolation, JobInput } from "./job.ts"
import { launch } from "./launch.ts"
import { Clip } from "../output.ts"

/** Runs a command to its end, its time limit or the caller's abort; nothing of it is left afterwards. */
export async function exec(
  isolation: Isolation,
  job: Omit<JobInput, "command" | "env">,
  input: Omit<ExecInput, "image">,
): Promise<ExecResult> {
  const { dataDir } = isolation.inside(job)
  const clip = new Clip(input.maxOutputBytes)
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
    const decoder = new TextDecoder()
    const reading = (async () => {
      for await (const chunk of running.output) {
        const kept = clip.add(chunk)
        if (kept.length > 0) input.onOutput?.(decoder.decode(kept, { stream: true }))
      }
      const rest = decoder.decode() + clip.rest()
      if (rest !== "") input.onOutput?.(rest)
    })()
    const exitCode = await running.exited
    await reading
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
