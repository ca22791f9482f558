import { z } from "zod"
import { AppError } from "../../app-error.ts"
import { SandboxError } from "../../ports/sandbox/port.ts"
import { readFile } from "../file/workspace.ts"

export const devcontainerPath = ".devcontainer/devcontainer.json"

const line = z.string().max(8_000)
/** A shell line, an argument list, or several of them by name. */
const command = z.union([line, z.array(line), z.record(z.string(), z.union([line, z.array(line)]))]).nullish()
export type Command = z.infer<typeof command>

const variables = z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(32_000))
const path = z.string().min(1).max(1_000)
/** `3000`, or `"web:3000"` as editors write it. */
const port = z.union([z.int(), z.string().regex(/^(.*:)?\d+$/, 'must be a port or "host:port"')])

/** What is read of it; everything else (`features`, settings of editors) is for others and may say what it likes. */
const devcontainer = z.object({
  image: z.string().regex(/^\S+$/, "must be the name of an image").max(300).nullish(),
  /** Older spelling of `build.dockerfile`. */
  dockerFile: path.nullish(),
  context: path.nullish(),
  build: z
    .object({
      dockerfile: path.nullish(),
      context: path.nullish(),
      target: z.string().max(200).nullish(),
      args: variables.nullish(),
    })
    .nullish(),
  forwardPorts: z.array(port).nullish(),
  containerEnv: variables.nullish(),
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
export type Devcontainer = z.infer<typeof devcontainer>

/** The project's devcontainer.json; `{}` without one. Throws `SandboxError` that names the place. */
export async function readDevcontainer(root: string): Promise<Devcontainer> {
  const text = await readFile(root, devcontainerPath).catch((error: unknown) => {
    // A link, a folder or a pipe of that name: the app's fault, not of whoever wants to see it.
    throw error instanceof AppError && error.detail !== null ? new SandboxError(error.detail, "") : error
  })
  return parseDevcontainer(text ?? "")
}

/** What the text of the file says; `{}` of an empty one. Throws `SandboxError` that names the place. */
export function parseDevcontainer(text: string): Devcontainer {
  if (text.trim() === "") return {}
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
  throw wrong(issue?.path.join(".") || "the file", issue?.message ?? "cannot be read")
}

/** Something in the file cannot be used. */
export const wrong = (place: string, why: string): SandboxError =>
  new SandboxError(`${devcontainerPath}: ${place}: ${why}`, "")
