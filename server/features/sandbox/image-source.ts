import { dirname, isAbsolute, join } from "node:path"
import type { ImageSource } from "../../ports/sandbox/port.ts"
import { readFile } from "../file/workspace.ts"
import { type Devcontainer, devcontainerPath, wrong } from "./devcontainer-file.ts"
import { valuesWithoutReferences, withoutReferences } from "./references.ts"

/** What the app's container is made from; null when the file names nothing. A Dockerfile goes before an image. */
export async function imageSource(root: string, file: Devcontainer): Promise<ImageSource | null> {
  const { image, build } = file
  const named = build?.dockerfile ?? file.dockerFile
  if (!named) return image ? { type: "name", name: withoutReferences(image) } : null
  const place = build?.dockerfile ? "build.dockerfile" : "dockerFile"
  const dockerfile = inProject(place, named)
  const text = await readFile(root, dockerfile).catch(() => null)
  if (text === null) throw wrong(place, `there is no file ${dockerfile}`)
  return {
    type: "dockerfile",
    dockerfile,
    context: inProject("build.context", build?.context ?? file.context ?? "."),
    target: build?.target || null,
    args: valuesWithoutReferences(build?.args ?? {}),
  }
}

/** Paths in the file begin at its own folder; ours at the project's. */
function inProject(place: string, given: string): string {
  const path = join(dirname(devcontainerPath), withoutReferences(given)).replace(/(?<=.)\/$/, "")
  if (isAbsolute(given) || path === ".." || path.startsWith("../")) {
    throw wrong(place, `${given} is outside the project; only its own files can be used`)
  }
  return path
}
