import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { callEngine } from "./engine-call.ts"
import { imageFiles, writeOwnFiles } from "./engine-files.ts"
import { imageVersions, missingPackages } from "./engine-packages.ts"

/**
 * Name of the image that tests make containers of, on the engine at `host`: Debian with Bun, Go and Flask, without a
 * registry. Made of what is installed on this machine when the engine does not have it yet.
 */
export async function testImage(host: string): Promise<string> {
  const name = imageName()
  const had = await callEngine(host, `/images/${name}/json`).then(
    () => true,
    () => false,
  )
  if (!had) await makeImage(host, name)
  return name
}

/** Tagged by what it is made of, so that a change makes a new one. */
function imageName(): string {
  const hash = createHash("sha256").update(`${process.arch} ${Bun.version} ${JSON.stringify([...imageVersions()])}`)
  for (const file of ["image", "files", "packages"])
    hash.update(readFileSync(join(import.meta.dir, `engine-${file}.ts`)))
  return `gochat-test:${hash.digest("hex").slice(0, 12)}`
}

async function makeImage(host: string, name: string): Promise<void> {
  const missing = missingPackages()
  if (missing !== null) throw new Error(`There is no container image to test with: ${missing}`)
  const scratch = mkdtempSync(join(tmpdir(), "go-chat-image-"))
  try {
    const list = (file: string, paths: string[]) => {
      writeFileSync(join(scratch, file), paths.join("\0"))
      return ["--null", `--files-from=${join(scratch, file)}`]
    }
    const taken = list(
      "taken",
      imageFiles().map((path) => path.slice(1)),
    )
    const own = list("own", writeOwnFiles(join(scratch, "own-files")))
    const settings = ["--no-recursion", "--ignore-failed-read", "--owner=0", "--group=0", "--numeric-owner"]
    const command = ["tar", "-c", ...settings, "-C", "/", ...taken, "-C", join(scratch, "own-files"), ...own]
    const tar = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] })
    await importImage(host, name, tar.stdout)
    if ((await tar.exited) !== 0) throw new Error("The image of the tests could not be packed.")
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function importImage(host: string, name: string, body: ReadableStream<Uint8Array>): Promise<void> {
  const [repo = "", tag = ""] = name.split(":")
  const query = new URLSearchParams({ fromSrc: "-", repo, tag })
  // Debian's Go has the standard library compiled, but "go vet" wants it with a C compiler, which is not in the image.
  for (const change of ['CMD ["/bin/sh"]', "ENV GOFLAGS=-vet=off"]) query.append("changes", change)
  const answer = await callEngine(host, `/images/create?${query}`, { method: "POST", body })
  // It answers before it has begun; what goes wrong later is in what it says.
  const said = await answer.text()
  const [id] = /[0-9a-f]{64}/.exec(said) ?? []
  if (said.includes('"error"') || id === undefined) {
    throw new Error(`The image of the tests was refused: ${said.trim()}`)
  }
  // Podman forgets the tag of an import.
  await callEngine(host, `/images/${id}/tag?${new URLSearchParams({ repo, tag })}`, { method: "POST" })
}
