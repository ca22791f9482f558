import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { packagePaths } from "./engine-packages.ts"

const unneeded =
  /^\/usr\/share\/(doc|man|locale|info|lintian|bug|javascript|bash-completion)\/|^\/usr\/share\/go-[\d.]+\/(test|api|misc)\/|^\/usr\/share\/go-.*(\/testdata\/|_test\.go$)/

/** Paths of this machine that the test image takes as they are, parents first, each once. */
export function imageFiles(): string[] {
  const paths = new Set<string>()
  for (const path of packagePaths()) if (!unneeded.test(`${path}/`) && !unneeded.test(path)) paths.add(merged(path))
  for (const path of paths) if (path.startsWith("/usr/lib/python3")) compiled(path, paths)
  for (const name of readdirSync("/etc/alternatives")) alternative(name, paths)
  for (const name of readdirSync("/etc/ssl/certs")) paths.add(`/etc/ssl/certs/${name}`)
  for (const link of ["/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache"]) if (exists(link)) paths.add(link)
  return [...paths].filter((path) => !unneeded.test(path) && !given.has(path) && exists(path)).sort()
}

/** Packages still name files in /bin, which has long been a link into /usr. */
function merged(path: string): string {
  const moved = /^\/(bin|sbin|lib\w*)\/(.+)$/.exec(path)
  return moved !== null && lstatSync(`/${moved[1]}`).isSymbolicLink() ? `/usr/${moved[1]}/${moved[2]}` : path
}

/** What Debian compiles at installation: without it every start of Flask would compile, in a read-only file system. */
function compiled(path: string, paths: Set<string>): void {
  const folder = join(dirname(path), "__pycache__")
  if (!path.endsWith(".py") || paths.has(folder) || !existsSync(folder)) return
  paths.add(folder)
  for (const name of readdirSync(folder)) paths.add(join(folder, name))
}

/** A link like /usr/bin/awk that packages make when they are installed. */
function alternative(name: string, paths: Set<string>): void {
  const link = `/etc/alternatives/${name}`
  if (!existsSync(link) || !paths.has(realpathSync(link)) || !exists(`/usr/bin/${name}`)) return
  paths.add(link)
  paths.add(`/usr/bin/${name}`)
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

const folders = ["root", "proc", "sys", "dev", "run", "tmp"]
const texts: Record<string, string> = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
  "etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
const tools = ["usr/local/bin/bun", "usr/local/bin/bunx"]

/** What `writeOwnFiles` gives. */
const given = new Set([...folders, ...Object.keys(texts), ...tools].map((path) => `/${path}`))

/** Puts what the image has of its own into `folder`: empty places, users, this Bun. Returns their paths in it. */
export function writeOwnFiles(folder: string): string[] {
  for (const name of folders) mkdirSync(join(folder, name), { recursive: true })
  chmodSync(join(folder, "tmp"), 0o1777)
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text, { mode: 0o644 })
  }
  const [bun = "", bunx = ""] = tools.map((path) => join(folder, path))
  mkdirSync(dirname(bun), { recursive: true })
  copyFileSync(process.execPath, bun)
  chmodSync(bun, 0o755)
  symlinkSync(basename(bun), bunx)
  return [...given].map((path) => path.slice(1))
}
