import { z } from "zod"
import { type AppSpec, SandboxError } from "../../ports/sandbox/port.ts"
import { readFile } from "../file/workspace.ts"

export const devcontainerPath = ".devcontainer/devcontainer.json"

const line = z.string().max(8_000)
/** A shell line, an argument list, or several of them by name. */
const command = z.union([line, z.array(line), z.record(z.string(), z.union([line, z.array(line)]))]).nullish()

const devcontainer = z.object({
  image: z.string().nullish(),
  containerEnv: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).nullish(),
  postCreateCommand: command,
  customizations: z
    .object({
      gochat: z
        .object({
          dev: line.nullish(),
          build: line.nullish(),
          start: line.nullish(),
          health: z
            .string()
            .regex(/^\/\S*$/, "must be a path that begins with /")
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
})

const manifest = z.object({ scripts: z.record(z.string(), z.string()).optional() })

/**
 * How the app in this folder is run: `draft` takes `dev`, `release` takes `start` after `build`, each falls back to
 * the other, then to the scripts of package.json. Throws `SandboxError` in words that a model can act on.
 */
export async function readAppSpec(root: string, mode: "draft" | "release"): Promise<AppSpec> {
  const { image, containerEnv, postCreateCommand, customizations } = await readDevcontainer(root)
  const own = customizations?.gochat ?? {}
  const scripts = await readScripts(root)
  const script = (name: string) => (scripts[name] === undefined ? null : `bun run ${name}`)
  const dev = own.dev || own.start || script("dev") || script("start")
  const start = own.start || own.dev || script("start") || script("dev")
  const chosen = mode === "draft" ? dev : start
  if (!chosen) {
    throw new SandboxError(
      `Nothing says how to run this app: ${devcontainerPath} needs customizations.gochat.dev and .start, or package.json a "dev" or "start" script.`,
      "",
    )
  }
  const install = shellLine(postCreateCommand)
  const build = mode === "release" && own.start ? own.build || null : null
  // A release never changes, so it is built once, together with what it installs.
  const steps = [install, build].filter((step) => step !== null)
  return {
    image: image ? { type: "name", name: image } : null,
    port: 3000,
    postCreateCommand: steps.length === 0 ? null : steps.map((step) => `( ${step}\n)`).join(" && "),
    command: chosen,
    health: own.health ?? "/",
    env: withoutReferences(containerEnv ?? {}),
  }
}

async function readDevcontainer(root: string): Promise<z.infer<typeof devcontainer>> {
  const text = await readFile(root, devcontainerPath)
  if (text === null || text.trim() === "") return {}
  let json: unknown
  try {
    json = Bun.JSONC.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error)
    throw new SandboxError(`${devcontainerPath} is not JSON: ${why}`, "")
  }
  const read = devcontainer.safeParse(json)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new SandboxError(`${devcontainerPath}: ${issue?.path.join(".") || "the file"}: ${issue?.message}`, "")
}

async function readScripts(root: string): Promise<Record<string, string>> {
  const text = await readFile(root, "package.json").catch(() => null)
  try {
    return manifest.parse(JSON.parse(text ?? "{}")).scripts ?? {}
  } catch {
    // What is wrong with it is said by whatever installs from it.
    return {}
  }
}

function shellLine(given: z.infer<typeof command>): string | null {
  if (given === null || given === undefined) return null
  if (typeof given === "string") return given.trim() || null
  if (Array.isArray(given)) return given.length === 0 ? null : given.map(quoted).join(" ")
  const lines = Object.values(given).flatMap((one) => shellLine(one) ?? [])
  return lines.length === 0 ? null : lines.map((one) => `( ${one}\n)`).join(" && ")
}

const quoted = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** `${localEnv:NAME}` would be a variable of the server: an app gets none of them. */
function withoutReferences(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replaceAll(/\$\{localEnv:[^}]*\}/g, "")]),
  )
}
