import { readFileSync } from "node:fs"
import { Readable } from "node:stream"
import type Docker from "dockerode"
import { pack } from "tar-stream"

const programs = ["sh", "cat", "echo", "id", "ls", "mkdir", "sleep", "wget"]

/** Makes an image of two megabytes with a shell (Debian: busybox-static); `ballast` bytes make it unlike any other. */
export async function makeTinyImage(docker: Docker, repo: string, tag: string, ballast = 1_000): Promise<void> {
  const busybox = Bun.which("busybox")
  if (busybox === null) throw new Error("The tests need a shell in one file (Debian: apt-get install busybox-static)")
  const archive = pack()
  archive.entry({ name: "bin/busybox", mode: 0o755 }, readFileSync(busybox))
  for (const program of programs) archive.entry({ name: `bin/${program}`, type: "symlink", linkname: "busybox" })
  const bytes = Buffer.alloc(ballast)
  for (let from = 0; from < ballast; from += 65_536) crypto.getRandomValues(bytes.subarray(from, from + 65_536))
  archive.entry({ name: "ballast" }, bytes)
  archive.finalize()
  const stream = await docker.importImage(Readable.from(archive), { repo, tag })
  await textOf(stream)
}

/** Pushes it and takes it away here, so that only the registry has it. */
export async function moveToRegistry(docker: Docker, repo: string, tag: string): Promise<void> {
  const image = docker.getImage(`${repo}:${tag}`)
  const stream = await image.push({ tag, authconfig: { username: "", password: "", serveraddress: "" } })
  const said = await textOf(stream)
  if (said.includes('"error"')) throw new Error(said)
  await image.remove({ force: true })
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ""
  for await (const chunk of stream) text += String(chunk)
  return text
}
