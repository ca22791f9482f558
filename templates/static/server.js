// Serves the files of this folder, and keeps the app's data. Runs with nothing but Bun: `bun server.js`.
//   GET /store/<name>   the JSON value saved under that name, `null` before the first save
//   PUT /store/<name>   saves a JSON value of at most 1 MB; with `If-Match: <etag>` only when nobody else changed it
import { createHash, randomUUID } from "node:crypto"
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises"
import { extname, join, sep } from "node:path"

const root = import.meta.dir
const data = process.env.DATA_DIR ?? join(root, "data")
const maxBytes = 1024 * 1024

// What is in the folder but not part of the page.
const hidden = new Set(["server.js", "Dockerfile", "tests", "data", "node_modules", "package.json", "bun.lock", "README.md"])

const server = Bun.serve({
  hostname: process.env.HOST ?? "127.0.0.1",
  port: Number(process.env.PORT ?? 3000),
  maxRequestBodySize: 2 * maxBytes,
  routes: {
    "/store/:name": (request) => store(request, request.params.name),
  },
  fetch: (request) => page(request),
  error: () => new Response("Something went wrong in server.js", { status: 500 }),
})
console.log(`Listening on ${server.url}`)

async function page(request) {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response("Not allowed", { status: 405 })
  const file = await find(new URL(request.url).pathname)
  if (!file) return new Response("There is no such page.", { status: 404 })
  const { mtimeMs, size } = await stat(file)
  const etag = `"${mtimeMs.toString(36)}-${size.toString(36)}"`
  // The browser asks each time, so that a new version shows at once, and gets the file only when it changed.
  const headers = { etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" }
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers })
  return new Response(Bun.file(file), { headers })
}

async function find(pathname) {
  let path
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return null
  }
  const parts = path.split("/").filter(Boolean)
  if (path.includes("\0") || path.includes("\\") || hidden.has(parts[0])) return null
  if (parts.some((part) => part.startsWith("."))) return null
  const wanted = join(root, ...parts)
  const candidates = extname(wanted) ? [wanted] : [join(wanted, "index.html"), `${wanted}.html`, wanted]
  for (const candidate of candidates) {
    const real = await realpath(candidate).catch(() => null)
    if (real && (await inside(real)) && (await stat(real)).isFile()) return real
  }
  return null
}

// A link may not lead out of the folder.
async function inside(real) {
  return real.startsWith((await realpath(root)) + sep)
}

async function store(request, name) {
  if (!/^[a-z0-9-]{1,60}$/.test(name)) return problem(400, "A name is 1 to 60 of a-z, 0-9 and -.")
  const file = join(data, `${name}.json`)
  if (request.method === "GET") return json(await value(file))
  if (request.method !== "PUT") return problem(405, "Use GET or PUT.")
  const text = await request.text()
  if (Buffer.byteLength(text) > maxBytes) return problem(413, "That is more than 1 MB.")
  try {
    JSON.parse(text)
  } catch {
    return problem(400, "That is not JSON.")
  }
  return oneAtATime(name, async () => {
    const wanted = request.headers.get("if-match")
    if (wanted && wanted !== tag(await value(file))) return problem(412, "Somebody else changed it.")
    await mkdir(data, { recursive: true })
    const draft = `${file}.${randomUUID()}`
    try {
      await writeFile(draft, text)
      await rename(draft, file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    return json(text)
  })
}

const value = (file) =>
  readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "null"
    throw error
  })

const queues = new Map()
function oneAtATime(name, work) {
  const turn = (queues.get(name) ?? Promise.resolve()).catch(() => {}).then(work)
  queues.set(name, turn)
  return turn
}

const tag = (text) => `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`
const json = (text) =>
  new Response(text, { headers: { "content-type": "application/json", "cache-control": "no-store", etag: tag(text) } })
const problem = (status, error) => Response.json({ error }, { status })
