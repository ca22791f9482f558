import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"
import type { Template } from "../../../shared/system.ts"
import { AppError } from "../../app-error.ts"
import { projectRoot } from "../../config.ts"
import type { Sandbox } from "../../ports/sandbox/port.ts"

const folder = join(projectRoot, "templates")
/** What trying a template leaves in its folder. */
const notPart = new Set(["node_modules", "__pycache__", ".packages", "dist", "data"])
/** What a project starts from when nobody chose. */
export const defaultTemplate = "static"

const devcontainer = z.object({
  customizations: z.object({
    gochat: z.object({
      title: z.string(),
      description: z.string(),
      /** A command that succeeds where apps can run without a container. */
      needs: z.string().optional(),
    }),
  }),
})

interface KnownTemplate extends Template {
  needs: string | null
}

let known: readonly KnownTemplate[] | null = null
const runsHere = new Map<string, boolean>()

/** Folders with a devcontainer that names them. Read once. */
function templates(): readonly KnownTemplate[] {
  known ??= readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readTemplate(name) ?? [])
    .toSorted(
      (a, b) => Number(b.name === defaultTemplate) - Number(a.name === defaultTemplate) || (a.name < b.name ? -1 : 1),
    )
  return known
}

/** The starters that a new project can have: a container brings what they need, else this machine has to have it. */
export function offeredTemplates(mode: Sandbox["mode"]): readonly Template[] {
  return templates()
    .filter(({ needs }) => mode === "docker" || needs === null || hasHere(needs))
    .map(({ name, title, description }) => ({ name, title, description }))
}

/** Throws `bad_input` for a template that a new project cannot have. */
export function checkTemplate(name: string, mode: Sandbox["mode"]): string {
  const names = offeredTemplates(mode).map((template) => template.name)
  if (names.includes(name)) return name
  const title = templates().find((template) => template.name === name)?.title
  const why =
    title === undefined
      ? "There is no template of this name"
      : `The template “${title}” needs a program that this server does not have`
  throw new AppError("bad_input", `${why}; there are: ${names.join(", ")}.`)
}

/** Asked once, with the programs that an app finds. */
function hasHere(needs: string): boolean {
  const before = runsHere.get(needs)
  if (before !== undefined) return before
  const { exitCode } = Bun.spawnSync(["/bin/sh", "-c", needs], {
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/nonexistent", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "ignore", "ignore"],
    timeout: 5_000,
  })
  runsHere.set(needs, exitCode === 0)
  return exitCode === 0
}

export interface TemplateFile {
  /** Relative to the project, with `/`. */
  path: string
  bytes: Uint8Array
}

/** The files of a template, in the order of their paths; also of one that no new project can have. */
export function* templateFiles(name: string): Generator<TemplateFile> {
  if (!templates().some((template) => template.name === name)) throw new Error(`there is no template ${name}`)
  const root = join(folder, name)
  for (const path of [...new Bun.Glob("**/*").scanSync({ cwd: root, dot: true, onlyFiles: true })].sort()) {
    if (path.split("/").some((part) => notPart.has(part))) continue
    yield { path, bytes: readFileSync(join(root, path)) }
  }
}

function readTemplate(name: string): KnownTemplate | null {
  const file = join(folder, name, ".devcontainer", "devcontainer.json")
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch {
    return null
  }
  const { title, description, needs } = devcontainer.parse(JSON.parse(text)).customizations.gochat
  return { name, title, description, needs: needs ?? null }
}
