import { stripVTControlCharacters } from "node:util"

const complaint =
  /\b(error|cannot|can't|could not|failed|not found|no such|denied|refused|in use|unexpected|undefined|missing)\b/i
const noise = /^\s*(at |\^|\||\d+ \||node_modules|Bun v|npm ERR! A complete log)/
/** Python says what went wrong at the very end, below the way that led there. */
const pythonError = /^[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Warning)(: .*)?$/
/** How shells and languages say that the kernel gave them no further process or thread. */
const noProcess =
  /can(no|')t fork|\bfork(ing)?: .*unavailable|code: "EAGAIN"|can't start new thread|pthread_create failed/i

export const tooManyProcesses = "It started more processes than it may have."
export const ranOutOfProcesses = (log: string): boolean => noProcess.test(log)

/** The first line of a log that says what went wrong, short enough for one sentence. */
export function plainReason(log: string, otherwise: string): string {
  const lines = stripVTControlCharacters(log)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !noise.test(line))
  if (ranOutOfProcesses(log)) return tooManyProcesses
  const thrown = /^\s*Traceback \(most recent call last\)/m.test(log)
    ? lines.findLast((line) => pythonError.test(line))
    : null
  const telling = thrown ?? lines.find((line) => complaint.test(line)) ?? lines.at(-1)
  if (!telling) return otherwise
  const words = telling.replace(/^(\/bin\/)?(sh|bwrap|env): (\d+: )?/, "").replace(/^(uncaught )?error:\s*/i, "")
  return words.length > 200 ? `${words.slice(0, 199)}…` : words || otherwise
}
