import { lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** What the image of the tests lacks to be what the Dockerfile begins with, by Debian's names. */
const packages = ["git", "libpcre2-8-0", "libstdc++6", "libgcc-s1", "zlib1g"]
const root = join(import.meta.dir, "../..")

/** Builds the image of Go Chat by its Dockerfile on the engine at `host`, over the image of the tests. Returns its name. */
export async function buildOwnImage(host: string, image: string): Promise<{ name: string; remove(): Promise<void> }> {
  const tag = crypto.randomUUID().slice(0, 8)
  const base = `gochat-own-base:${tag}`
  const name = `gochat-own:${tag}`
  const scratch = mkdtempSync(join(tmpdir(), "gochat-own-"))
  const remove = async () => {
    await docker(host, ["rmi", "--force", name, base]).catch(() => "")
  }
  try {
    const files = paths().join("\0")
    writeFileSync(join(scratch, "files"), files)
    writeFileSync(join(scratch, "user"), "bun:x:1000:1000::/home/bun:/bin/sh\n")
    // Behind an authority of one's own packages are fetched with it, as on this machine.
    const ca = process.env["NODE_EXTRA_CA_CERTS"]
    const lines = [
      `FROM ${image}`,
      "ADD files.tar /",
      "COPY user /tmp/user",
      "RUN cat /tmp/user >> /etc/passwd",
      ...(ca === undefined
        ? []
        : [`COPY ca.pem /etc/ssl/certs/own.pem`, "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/own.pem"]),
    ]
    writeFileSync(join(scratch, "Dockerfile"), `${lines.join("\n")}\n`)
    if (ca !== undefined) await Bun.write(join(scratch, "ca.pem"), Bun.file(ca))
    await run(["tar", "-cf", join(scratch, "files.tar"), "-C", "/", "--null", `--files-from=${join(scratch, "files")}`])
    await docker(host, ["build", "--tag", base, scratch])
    const args = [`BUN_IMAGE=${base}`, "PACKAGES="].flatMap((one) => ["--build-arg", one])
    await docker(host, ["build", ...args, "--tag", name, root])
    return { name, remove }
  } catch (error) {
    await remove()
    throw error
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Files of the packages, without folders: those that are links in the image must stay links. */
function paths(): string[] {
  const listed = Bun.spawnSync(["dpkg", "-L", ...packages])
    .stdout.toString()
    .split("\n")
  const files = listed.map((path) => path.replace(/^\/(lib|bin)\//, "/usr/$1/").slice(1))
  const isFile = (path: string) => lstatSync(`/${path}`, { throwIfNoEntry: false })?.isDirectory() === false
  return [...new Set(files)].filter((path) => path !== "" && !path.startsWith("usr/share/doc") && isFile(path))
}

const docker = (host: string, words: string[]): Promise<string> => run(["docker", "--host", host, ...words])

async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"] })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0)
    throw new Error(`${command.slice(0, 4).join(" ")}: ${out.slice(-2_000)}${err.slice(-2_000)}`)
  return out
}
