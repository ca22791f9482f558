import { AppError } from "../../app-error.ts"
import { pathProblem } from "../../lib/tree/path-problem.ts"

/** The path as it is stored (`./a//b` is `a/b`); throws with a reason that a model can act on. */
export function checkPath(path: string): string {
  const normal = path
    .split("/")
    .filter((segment, at, all) => segment !== "." && (segment !== "" || at === 0 || at === all.length - 1))
    .join("/")
  const problem = pathProblem(normal)
  if (problem !== null) throw new AppError("bad_input", `${shown(path)}: ${problem}`)
  return normal
}

/** A path to be written, which may not lie where packages are installed. */
export function checkWritablePath(path: string): string {
  const normal = checkPath(path)
  if (normal.split("/").includes("node_modules")) {
    throw new AppError(
      "bad_input",
      `${shown(path)}: node_modules is filled by the package manager; change package.json instead`,
    )
  }
  return normal
}

const shown = (path: string): string => JSON.stringify(path.length > 120 ? `${path.slice(0, 120)}…` : path)
