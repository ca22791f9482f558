import { createHash } from "node:crypto"
import { readlinkSync } from "node:fs"
import { posix } from "node:path"
import { pack, type Pack } from "tar-stream"
import { readEntry, readTreeFile } from "../../../../lib/tree/read.ts"
import { walkTree } from "../../../../lib/tree/walk.ts"
import { SandboxError } from "../../port.ts"
import { dockerIgnores } from "./ignore.ts"

/** What a build may take with it. */
const mostBytes = 100 * 1024 ** 2
const mostFiles = 5_000
const mostDockerfile = 256_000
/** Where the Dockerfile stands in what is sent; a `.dockerignore` beside it keeps it out of the image. */
export const sentDockerfile = ".gochat.Dockerfile"

type Item = { path: string; executable: boolean } & ({ bytes: Uint8Array } | { link: string })

/** A path inside the project as `devcontainer.json` gives it: `.` for the whole. */
export function pathInside(path: string): string {
  const normal = posix.normalize(path.replace(/^\.\//, "")).replace(/\/$/, "")
  if (normal.startsWith("/") || normal === ".." || normal.startsWith("../") || path.includes("\0")) {
    throw new SandboxError(
      `${JSON.stringify(path.slice(0, 200))} lies outside the project. Name a folder or file inside it.`,
      "",
    )
  }
  return normal === "" ? "." : normal
}

/** The Dockerfile of a project; links are not followed. */
export function dockerfileOf(root: string, path: string): Uint8Array {
  const file = readFile(root, path)
  if (file === null || "size" in file) throw new SandboxError(`There is no Dockerfile at ${path}.`, "")
  return file.bytes
}

function readFile(root: string, path: string) {
  try {
    return readTreeFile(root, path, mostDockerfile)
  } catch (error) {
    // The words of the tree are for people: a link on the way, a folder instead of a file.
    throw new SandboxError(`There is no Dockerfile at ${path}: ${error instanceof Error ? error.message : ""}.`, "")
  }
}

/** Names what a build is made from: the same files, the same name. `context` null: it takes no files. */
export async function contextHash(root: string, context: string | null, more: unknown): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(more))
  for await (const item of itemsOf(root, context)) {
    const content = "link" in item ? item.link : item.bytes
    const kind = "link" in item ? "link" : item.executable ? "program" : "file"
    hash.update(`\0${JSON.stringify([item.path, kind, content.length])}\0`).update(content)
  }
  return hash.digest("hex").slice(0, 24)
}

/** The files as the engine takes them, read while they are sent. A failure ends the stream with it. */
export function packContext(root: string, context: string | null, dockerfile: string): Pack {
  const archive = pack()
  void fill(archive, root, context, dockerfile).catch((error: Error) => archive.destroy(error))
  return archive
}

async function fill(archive: Pack, root: string, context: string | null, dockerfile: string): Promise<void> {
  /** Resolves when the entry is taken: nothing piles up here. */
  const add = (headers: Parameters<Pack["entry"]>[0], content: string | Buffer) =>
    new Promise<void>((resolve, reject) => {
      archive.entry(headers, content, (error) => (error ? reject(error) : resolve()))
    })
  await add({ name: ".dockerignore" }, `.dockerignore\n${sentDockerfile}\n`)
  await add({ name: sentDockerfile }, dockerfile)
  for await (const item of itemsOf(root, context)) {
    const headers = { name: item.path, mode: item.executable ? 0o755 : 0o644, mtime: new Date(0) }
    if ("link" in item) archive.entry({ ...headers, type: "symlink", linkname: item.link })
    else await add(headers, Buffer.from(item.bytes))
  }
  archive.finalize()
}

/**
 * Files and links of the context, in the order of their names, without what `.gitignore` and `.dockerignore` leave out:
 * what a draft made beside its files does not make its image another one than the version's. A link goes as a link,
 * never as what it points at.
 */
async function* itemsOf(root: string, context: string | null): AsyncGenerator<Item> {
  if (context === null) return
  const prefix = context === "." ? "" : `${context}/`
  const ignores = ignoresOf(root, `${prefix}.dockerignore`)
  let files = 0
  let bytes = 0
  for await (const { path, name, folder, stat } of walkTree(root)) {
    if (!path.startsWith(prefix)) continue
    const inside = path.slice(prefix.length)
    if (inside === ".dockerignore" || inside === sentDockerfile || ignores(inside)) continue
    if (++files > mostFiles) throw tooLarge(`more than ${mostFiles.toLocaleString("en-US")} files`)
    if (stat.isSymbolicLink()) {
      yield { path: inside, executable: false, link: readlinkSync(folder.at(name)) }
      continue
    }
    const file = readEntry(folder, name, mostBytes - bytes)
    if (file === null) continue
    if ("size" in file) throw tooLarge(`more than ${mostBytes / 1024 ** 2} MB`)
    bytes += file.bytes.length
    yield { path: inside, executable: file.executable, bytes: file.bytes }
  }
}

const tooLarge = (what: string) =>
  new SandboxError(`The files for the image are ${what}. List what it does not need in .dockerignore.`, "")

function ignoresOf(root: string, path: string): (path: string) => boolean {
  let text = ""
  try {
    const file = readTreeFile(root, path, mostDockerfile)
    if (file !== null && "bytes" in file) text = new TextDecoder().decode(file.bytes)
  } catch {
    // A folder or a link of that name leaves nothing out.
  }
  return dockerIgnores(text)
}
