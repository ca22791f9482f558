import { GitFailed, type GitProcess } from "./run-git.ts"

/** What git writes, read only as fast as it is taken; an answer that is given up ends git, a failure of git cuts the answer. */
export function outputOf(
  process: GitProcess,
  command: string,
  preface: Uint8Array = new Uint8Array(),
): ReadableStream<Uint8Array> {
  return rest(process, command, process.stdout.getReader(), preface)
}

/** As `outputOf`, once git has something to say; throws when it failed before that. */
export async function firstOutputOf(process: GitProcess, command: string): Promise<ReadableStream<Uint8Array>> {
  const output = process.stdout.getReader()
  const { value, done } = await output.read()
  if (!done) return rest(process, command, output, value)
  const [exitCode, errors] = await Promise.all([process.exited, new Response(process.stderr).text()])
  if (exitCode !== 0) throw new GitFailed(command, exitCode, errors)
  return new Blob([]).stream()
}

function rest(
  process: GitProcess,
  command: string,
  output: ReadableStreamDefaultReader<Uint8Array>,
  preface: Uint8Array,
): ReadableStream<Uint8Array> {
  const errors = new Response(process.stderr).text()
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (preface.length > 0) controller.enqueue(preface)
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
