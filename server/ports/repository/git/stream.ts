import { GitFailed, type GitProcess } from "./run-git.ts"

/** What git writes, read only as fast as it is taken; an answer that is given up ends git, a failure of git the answer. */
export function outputOf(process: GitProcess, command: string, preface = ""): ReadableStream<Uint8Array> {
  const output = process.stdout.getReader()
  const errors = new Response(process.stderr).text()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (preface !== "") controller.enqueue(new TextEncoder().encode(preface))
      },
      async pull(controller) {
        const { value, done } = await output.read()
        if (!done) return controller.enqueue(value)
        const exitCode = await process.exited
        if (exitCode === 0) controller.close()
        else controller.error(new GitFailed(command, exitCode, await errors))
      },
      async cancel() {
        process.kill()
        await process.exited
      },
    },
    { highWaterMark: 0 },
  )
}
