import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, sep } from "node:path"
import { parse } from "yaml"
import { type Scene, sceneFile } from "./scene.ts"

/** Reads every scene under `<templatesDir>/demo` once. Throws when one is not well-formed. */
export function loadScenes(templatesDir: string): readonly Scene[] {
  const root = join(templatesDir, "demo")
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, "scene.yaml")))
    .map((name) => loadScene(root, name))
    .sort((a, b) => a.order - b.order)
}

function loadScene(root: string, name: string): Scene {
  const parsed = sceneFile.safeParse(parse(readFileSync(join(root, name, "scene.yaml"), "utf8")))
  if (!parsed.success) throw new Error(`templates/demo/${name}/scene.yaml: ${parsed.error.message}`)
  const files = readFiles(join(root, name, "files"))
  for (const path of parsed.data.build.flatMap((step) => step.write)) {
    if (!files.has(path)) throw new Error(`templates/demo/${name}: there is no files/${path}`)
  }
  return { ...parsed.data, name, files }
}

function readFiles(root: string): ReadonlyMap<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    entries.map((entry) => {
      const full = join(entry.parentPath, entry.name)
      return [full.slice(root.length + 1).replaceAll(sep, "/"), readFileSync(full, "utf8")]
    }),
  )
}
