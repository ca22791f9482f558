import type { PipelineInput } from "../port.ts"
import type { Variables } from "./checks-file.ts"
import { ChecksFileError } from "./checks-file-error.ts"

/** Where a pipeline runs, beside what is told of it. */
export interface Surroundings {
  branch: string
  defaultBranch: string
  /** Why it runs: `push`, `api`, … */
  source: string
  /** More that is known to every job, e.g. of a registry. */
  predefined: Readonly<Record<string, string>>
  /** What people set for the project or the pipeline: it goes before what the file says. */
  variables: Variables
}

/** On this machine: every version is a push to the one branch, and there is no registry. */
export const usual: Surroundings = {
  branch: "main",
  defaultBranch: "main",
  source: "push",
  predefined: {},
  variables: new Map(),
}

/** Stands for the job's folder until the job's own shell knows where that is. */
export const projectDirMark = "\uE000project\uE000"

/** What every job and every condition may ask for, in GitLab's names. */
export const predefined = (input: PipelineInput, around: Surroundings): Record<string, string> => ({
  CI: "true",
  CI_SERVER: "yes",
  CI_SERVER_NAME: "Go Chat",
  CI_COMMIT_SHA: input.sha,
  CI_COMMIT_SHORT_SHA: input.sha.slice(0, 8),
  CI_COMMIT_BRANCH: around.branch,
  CI_COMMIT_REF_NAME: around.branch,
  CI_COMMIT_REF_SLUG: slugOf(around.branch),
  CI_DEFAULT_BRANCH: around.defaultBranch,
  CI_PIPELINE_SOURCE: around.source,
  CI_PIPELINE_ID: input.buildId,
  CI_PROJECT_ID: input.projectId,
  CI_PROJECT_NAME: input.projectName,
  CI_PROJECT_DIR: projectDirMark,
  ...around.predefined,
})

const slugOf = (branch: string): string =>
  branch
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "")

/** Names that a condition may ask for although they are not set. */
export const unsetNames: readonly string[] = ["CI_REGISTRY"]

/**
 * The values of a job's variables: later layers win, then `$NAME` and `${NAME}` are replaced in those that allow it.
 * `$$` is a dollar sign, an unknown name is empty. Throws `ChecksFileError` when variables name each other in a circle.
 */
export function expandVariables(base: Record<string, string>, ...layers: Variables[]): Record<string, string> {
  const merged = new Map(Object.entries(base).map(([name, value]) => [name, { value, expand: false }]))
  for (const layer of layers) for (const [name, variable] of layer) merged.set(name, variable)
  const done = new Map<string, string>()
  const open = new Set<string>()
  const valueOf = (name: string): string => {
    const known = done.get(name)
    if (known !== undefined) return known
    const variable = merged.get(name)
    if (variable === undefined) return ""
    if (open.has(name)) throw new ChecksFileError(`The variable \`${name}\` is made of itself`, null)
    open.add(name)
    const value = variable.expand ? expandText(variable.value, valueOf) : variable.value
    if (value.length > valueChars) throw new ChecksFileError(`The variable \`${name}\` is too long`, null)
    open.delete(name)
    done.set(name, value)
    return value
  }
  return Object.fromEntries([...merged.keys()].map((name) => [name, valueOf(name)]))
}

const valueChars = 20_000

/** Replaces `$NAME` and `${NAME}` in a text. */
export const expandText = (text: string, valueOf: (name: string) => string): string =>
  text.replaceAll(/\$\$|\$(\w+)|\$\{(\w+)\}/g, (all, plain?: string, braced?: string) =>
    all === "$$" ? "$" : valueOf(plain ?? braced ?? ""),
  )
