import { echoPrefix } from "../failure-finder.ts"
import { projectDirMark } from "./variables.ts"

const plain = "\u001B[0;m"

/**
 * One shell script of a job's commands: each is shown, then run; the first that fails ends it. bash where the
 * sandbox has it, as GitLab's runner does, else sh. Both outputs are one, so that the order in the log is the true one.
 */
export function jobCommand(commands: readonly string[], variables: Readonly<Record<string, string>>): string {
  const script = [
    "exec 2>&1",
    "set -e",
    'if [ -n "${BASH_VERSION:-}" ]; then set -o pipefail; fi',
    'export CI_PROJECT_DIR="$PWD"',
    ...Object.entries(variables)
      .filter(([name, value]) => value.includes(projectDirMark) && name !== "CI_PROJECT_DIR")
      .map(([name, value]) => `export ${name}=${value.split(projectDirMark).map(quote).join('"$PWD"')}`),
    ...commands.flatMap((command) => [`printf '%s\\n' ${quote(echo(command))}`, command]),
  ].join("\n")
  return `script=${quote(script)}; if command -v bash >/dev/null 2>&1; then exec bash -c "$script"; else exec sh -c "$script"; fi`
}

/** The variables that are known outside the job's shell. */
export const jobEnvironment = (variables: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => !value.includes(projectDirMark)))

function echo(command: string): string {
  const [first = "", ...rest] = command.trimEnd().split("\n")
  return `${echoPrefix}${first}${rest.length > 0 ? " # and more lines" : ""}${plain}`
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
