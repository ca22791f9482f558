import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"
import type { Template } from "../../../shared/system.ts"
import { AppError } from "../../app-error.ts"
import { projectRoot } from "../../config.ts"

const folder = join(projectRoot, "templates")
/** What a project starts from when nobody chose. */
export const defaultTemplate = "static"

const devcontainer = z.object({
  customizations: z.object({ gochat: z.object({ title: z.string(), description: z.string() }) }),
})

let known: readonly Template[] | null = null

/** The starter projects that this server has: folders with a devcontainer that names them. Read once. */
export function templates(): readonly Template[] {
  known ??= readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readTemplate(name) ?? [])
    .toSorted(
      (a, b) => Number(b.name === defaultTemplate) - Number(a.name === defaultTemplate) || (a.name < b.name ? -1 : 1),
    )
  return known
}

/** Throws `bad_input` for a template that is not here. */
export function checkTemplate(name: string): string {
  const names = templates().map((template) => template.name)
  if (names.includes(name)) return name
  throw new AppError("bad_input", `There is no template of this name; there are: ${names.join(", ")}.`)
}

export interface TemplateFile {
  /** Relative to the project, with `/`. */
  path: string
  bytes: Uint8Array
}

/** The files of a template, in the order of their paths. */
export function* templateFiles(name: string): Generator<TemplateFile> {
  const root = join(folder, checkTemplate(name))
  for (const path of [...new Bun.Glob("**/*").scanSync({ cwd: root, dot: true, onlyFiles: true })].sort()) {
    if (path.split("/").includes("node_modules")) continue
    yield { path, bytes: readFileSync(join(root, path)) }
  }
}

function readTemplate(name: string): Template | null {
  const file = join(folder, name, ".devcontainer", "devcontainer.json")
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch {
    return null
  }
  const { title, description } = devcontainer.parse(JSON.parse(text)).customizations.gochat
  return { name, title, description }
}
