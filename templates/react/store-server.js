// Keeps the app's data as files in $DATA_DIR.
//   GET /store/<name>   the JSON value saved under that name, `null` before the first save
//   PUT /store/<name>   saves a JSON value of at most 1 MB; with `If-Match: <etag>` only when nobody else changed it
import { createHash, randomUUID } from "node:crypto"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

const data = process.env.DATA_DIR ?? join(import.meta.dirname, "data")
const maxBytes = 1024 * 1024

/** Answers a request for /store/<name>. */
export async function store(request) {
  const name = new URL(request.url).pathname.slice("/store/".length)
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

/** The same store inside Vite's development server. */
export function storeInDev(middlewares) {
  middlewares.use(async (incoming, outgoing, next) => {
    if (!incoming.url.startsWith("/store/")) return next()
    try {
      const chunks = []
      let size = 0
      for await (const chunk of incoming) {
        size += chunk.length
        if (size <= 2 * maxBytes) chunks.push(chunk)
      }
      const request = new Request(new URL(incoming.url, "http://app"), {
        method: incoming.method,
        headers: incoming.headers,
        body: incoming.method === "GET" || incoming.method === "HEAD" ? undefined : Buffer.concat(chunks),
      })
      const response = await store(request)
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      outgoing.end(await response.text())
    } catch (error) {
      next(error)
    }
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
