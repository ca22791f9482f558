import { z } from "zod"
import { readFile } from "../file/workspace.ts"

/** How an app is run when its devcontainer.json does not say. */
export interface Guess {
  /** null: what the server uses for apps that name none. */
  image: string | null
  install: string | null
  dev: string
  start: string
  env: Record<string, string>
}

const manifest = z.object({ scripts: z.record(z.string(), z.string()).optional() })

/** Looks at the files that each kind of app has; null when none of them is there. */
export async function guessApp(root: string): Promise<Guess | null> {
  return (await byScripts(root)) ?? (await byGoModule(root)) ?? (await byPython(root))
}

async function byScripts(root: string): Promise<Guess | null> {
  const scripts = await readScripts(root)
  const script = (name: string) => (scripts[name] === undefined ? null : `bun run ${name}`)
  const dev = script("dev") ?? script("start")
  if (dev === null) return null
  return { image: null, install: null, dev, start: script("start") ?? dev, env: {} }
}

async function byGoModule(root: string): Promise<Guess | null> {
  if ((await textOf(root, "go.mod")) === null) return null
  return { image: "golang:1.25", install: null, dev: "go run .", start: "go run .", env: {} }
}

async function byPython(root: string): Promise<Guess | null> {
  for (const name of ["app.py", "main.py"]) {
    if ((await textOf(root, name)) === null) continue
    const needs = await textOf(root, "requirements.txt")
    return {
      image: "python:3.13-slim",
      // Beside the app, because the system's own folders cannot be written.
      install: needs?.trim() ? "python3 -m pip install --quiet --target .packages -r requirements.txt" : null,
      dev: `python3 ${name}`,
      start: `python3 ${name}`,
      env: { PYTHONPATH: ".packages" },
    }
  }
  return null
}

async function readScripts(root: string): Promise<Record<string, string>> {
  try {
    return manifest.parse(JSON.parse((await textOf(root, "package.json")) ?? "{}")).scripts ?? {}
  } catch {
    // What is wrong with it is said by whatever installs from it.
    return {}
  }
}

const textOf = (root: string, path: string): Promise<string | null> => readFile(root, path).catch(() => null)
