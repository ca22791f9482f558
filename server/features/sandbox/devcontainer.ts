import { type AppSpec, type PushedSpec, SandboxError } from "../../ports/sandbox/port.ts"
import {
  type Command,
  type Devcontainer,
  devcontainerPath,
  parseDevcontainer,
  readDevcontainer,
  wrong,
} from "./devcontainer-file.ts"
import { guessApp } from "./guess-app.ts"
import { imageSource } from "./image-source.ts"
import { valuesWithoutReferences, withoutReferences } from "./references.ts"

const usualPort = 3000

/**
 * How the app in this folder is run: `draft` takes `dev`, `release` takes `start` after `build`, each falls back to
 * the other, then to what its files tell. Throws `SandboxError` in words that a model can act on.
 */
export async function readAppSpec(root: string, mode: "draft" | "release"): Promise<AppSpec> {
  const file = await readDevcontainer(root)
  const own = file.customizations?.gochat ?? {}
  // Asked only where it is needed: the file goes before everything that can be guessed.
  const guess = own.dev || own.start ? null : await guessApp(root)
  const chosen = mode === "draft" ? own.dev || own.start || guess?.dev : own.start || own.dev || guess?.start
  if (!chosen) {
    throw new SandboxError(
      `Nothing says how to run this app: ${devcontainerPath} needs customizations.gochat.dev and .start, or package.json a "dev" or "start" script.`,
      "",
    )
  }
  const install = shellLine(file.postCreateCommand) ?? guess?.install ?? null
  const build = mode === "release" && own.start ? own.build || null : null
  // A release never changes, so it is built once, together with what it installs.
  const steps = [install, build].filter((step) => step !== null)
  const image = await imageSource(root, file)
  return {
    image: image ?? (guess?.image ? { type: "name", name: guess.image } : null),
    port: portOf(file),
    postCreateCommand: steps.length === 0 ? null : steps.map((step) => `( ${step}\n)`).join(" && "),
    command: withoutReferences(chosen),
    health: own.health ?? "/",
    env: { ...guess?.env, ...valuesWithoutReferences(file.containerEnv ?? {}) },
  }
}

/**
 * How a release is run that is in an image, by the text of its devcontainer.json. Its `start` goes before what the image
 * starts by itself: so it is said in one place for every way to run it.
 */
export function readPushedSpec(text: string): PushedSpec {
  const file = parseDevcontainer(text)
  const { start, health } = file.customizations?.gochat ?? {}
  return {
    port: portOf(file),
    command: start ? withoutReferences(start) : null,
    health: health ?? "/",
    env: valuesWithoutReferences(file.containerEnv ?? {}),
  }
}

/** The first of `forwardPorts`: where the app listens in a container. */
function portOf({ forwardPorts }: Devcontainer): number {
  const first = forwardPorts?.[0]
  if (first === undefined) return usualPort
  const port = typeof first === "number" ? first : Number(first.slice(first.lastIndexOf(":") + 1))
  if (port < 1 || port > 65_535) throw wrong("forwardPorts.0", "must be a port from 1 to 65535")
  return port
}

function shellLine(given: Command): string | null {
  if (given === null || given === undefined) return null
  if (typeof given === "string") return withoutReferences(given).trim() || null
  if (Array.isArray(given))
    return given.length === 0 ? null : given.map((word) => quoted(withoutReferences(word))).join(" ")
  const lines = Object.values(given).flatMap((one) => shellLine(one) ?? [])
  return lines.length === 0 ? null : lines.map((one) => `( ${one}\n)`).join(" && ")
}

const quoted = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`
