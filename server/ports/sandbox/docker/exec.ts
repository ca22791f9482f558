import type { ExecInput, ExecResult } from "../port.ts"
import { readOutput } from "../read-output.ts"
import type { Box, Boxes } from "./boxes.ts"
import type { Engine } from "./engine.ts"
import { runInside } from "./inside.ts"
import { whyUnsuccessful } from "./why-unsuccessful.ts"

/** What a command left that would not end is ended with its container after this. */
const cutMs = 3_000

/** Runs a command in a container to its end, its time limit or the caller's abort; nothing of it is left afterwards. */
export async function execIn(
  engine: Engine,
  boxes: Boxes,
  box: Box,
  memory: number,
  input: Pick<ExecInput, "command" | "env" | "timeoutMs" | "maxOutputBytes" | "onOutput" | "signal">,
): Promise<ExecResult> {
  const { signal, timeoutMs } = input
  if (signal.aborted) return { exitCode: null, output: "", truncatedBytes: 0, ended: "aborted" }
  const inside = await runInside(engine, box.containerId, input.command, input.env ?? {})
  const reading = readOutput(inside.output, input)
  let why: "timeout" | "aborted" | null = null
  const stopped = Promise.withResolvers<null>()
  const stop = (reason: "timeout" | "aborted") => {
    why ??= reason
    stopped.resolve(null)
  }
  const timer = setTimeout(() => stop("timeout"), timeoutMs)
  const onAbort = () => stop("aborted")
  signal.addEventListener("abort", onAbort)
  if (signal.aborted) onAbort()
  try {
    if ((await Promise.race([reading, stopped.promise])) === null) {
      const ended = await inside.end(0)
      const cut = ended ? Promise.race([reading, Bun.sleep(cutMs)]) : Promise.resolve()
      if ((await cut) === undefined) await boxes.kill(box, "It was ended together with a command that did not end.")
    }
    const clip = await reading
    const code = why === null ? await inside.code() : null
    const output = clip.text()
    const end = why === null && code !== 0 ? await whyUnsuccessful(engine, box, code, output, memory) : null
    // Only the connection may have ended; what still works there must not be met by the next command.
    if (end?.because === "engine") await boxes.kill(box, end.reason, "engine").catch(() => {})
    return {
      exitCode: code,
      output,
      truncatedBytes: clip.truncatedBytes,
      ended: why ?? (code === null ? "killed" : "exit"),
      ...end,
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", onAbort)
  }
}
