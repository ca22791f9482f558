import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { pack } from "tar-stream"
import type { Login, TestRegistry } from "./registry.ts"

/**
 * Puts what starters begin with into a registry, under the names that their Dockerfiles have: this Bun and a shell, made
 * of what is on this machine.
 */
export async function putBunImage(registry: TestRegistry, name: string, login: Login): Promise<void> {
  const archive = pack()
  const put = (path: string, bytes: Buffer, mode = 0o644) =>
    archive.entry({ name: path.replace(/^\//, ""), mode }, bytes)
  const shell = putShell(archive)
  put("usr/local/bin/bun", readFileSync(process.execPath), 0o755)
  for (const path of librariesOf(process.execPath)) put(path, readFileSync(path), 0o755)
  const authorities = process.env["NODE_EXTRA_CA_CERTS"] ?? "/etc/ssl/certs/ca-certificates.crt"
  put("etc/ssl/certs/ca-certificates.crt", readFileSync(authorities))
  archive.finalize()
  const env = [`PATH=/usr/local/bin:${shell}`, "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"]
  await putImage(registry, name, Bun.gzipSync(await bytesOf(archive), { level: 1 }), env, login)
}

/** As `putBunImage`: nothing but a shell. */
export async function putShellImage(registry: TestRegistry, name: string, login: Login): Promise<void> {
  const archive = pack()
  const shell = putShell(archive)
  archive.finalize()
  await putImage(registry, name, Bun.gzipSync(await bytesOf(archive), { level: 1 }), [`PATH=${shell}`], login)
}

/** Debian: busybox-static. Returns where its programs are. */
function putShell(archive: ReturnType<typeof pack>): string {
  const busybox = Bun.which("busybox")
  if (busybox === null) throw new Error("The tests need a shell in one file (Debian: apt-get install busybox-static)")
  const programs = Bun.spawnSync([busybox, "--list"]).stdout.toString().trim().split("\n")
  archive.entry({ name: "bin/busybox", mode: 0o755 }, readFileSync(busybox))
  for (const name of programs) {
    if (name !== "busybox") archive.entry({ name: `bin/${name}`, type: "symlink", linkname: "busybox" })
  }
  // Where scripts of packages look for it.
  archive.entry({ name: "usr/bin/env", type: "symlink", linkname: "/bin/busybox" })
  for (const name of ["tmp", "root"]) archive.entry({ name, type: "directory", mode: name === "tmp" ? 0o1777 : 0o700 })
  archive.entry({ name: "etc/passwd" }, "root:x:0:0:root:/root:/bin/sh\nbun:x:1000:1000::/tmp:/bin/sh\n")
  archive.entry({ name: "etc/group" }, "root:x:0:\nbun:x:1000:\n")
  archive.entry({ name: "etc/nsswitch.conf" }, "hosts: files dns\n")
  return "/bin"
}

/** What native packages are linked with. */
const native = ["libgcc_s.so.1", "libstdc++.so.6", "librt.so.1", "libresolv.so.2"]

/** The C library a program is linked with, and what comes with it and native packages use. */
function librariesOf(program: string): string[] {
  const said = Bun.spawnSync(["ldd", program]).stdout.toString()
  const paths = [...said.matchAll(/(\/\S+\.so\S*)/g)].map(([path]) => path)
  const folder = dirname(paths.find((path) => path.includes("libc.so")) ?? "/lib")
  return [...new Set([...paths, ...native.map((name) => join(folder, name))])]
}

async function bytesOf(archive: ReturnType<typeof pack>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return new Uint8Array(Buffer.concat(chunks))
}

async function putImage(
  registry: TestRegistry,
  name: string,
  layer: Uint8Array<ArrayBuffer>,
  env: string[],
  login: Login,
): Promise<void> {
  const [path = "", tag = ""] = name.split(":")
  const base = `http://${registry.host}/v2/${path}`
  const authorization = `Basic ${btoa(`${login.user}:${login.password}`)}`
  const ask = async (
    url: string,
    method: string,
    body?: Uint8Array<ArrayBuffer>,
    type = "application/octet-stream",
  ) => {
    const init = { method, headers: { authorization, "content-type": type }, ...(body === undefined ? {} : { body }) }
    const answer = await fetch(url, init)
    if (!answer.ok) throw new Error(`the registry answered ${answer.status}: ${await answer.text()}`)
    return answer
  }
  const blob = async (bytes: Uint8Array<ArrayBuffer>, mediaType: string) => {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`
    const place = new URL((await ask(`${base}/blobs/uploads/`, "POST")).headers.get("location") ?? "", base)
    place.searchParams.set("digest", digest)
    await ask(place.href, "PUT", bytes)
    return { mediaType, size: bytes.length, digest }
  }
  const docker = "application/vnd.docker"
  const diff = `sha256:${createHash("sha256").update(Bun.gunzipSync(layer)).digest("hex")}`
  const settings = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Env: env, Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: [diff] },
    history: [{ created_by: "tests" }],
  }
  const config = await blob(new TextEncoder().encode(JSON.stringify(settings)), `${docker}.container.image.v1+json`)
  const layers = [await blob(layer, `${docker}.image.rootfs.diff.tar.gzip`)]
  const mediaType = `${docker}.distribution.manifest.v2+json`
  const manifest = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }))
  await ask(`${base}/manifests/${tag}`, "PUT", manifest, mediaType)
}
