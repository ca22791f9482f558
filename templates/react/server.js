// Serves the built app (`bun run build` first) and keeps its data.
import { join } from "node:path"
import { store } from "./store-server.js"

const dist = join(import.meta.dir, "dist")
const files = new Set(new Bun.Glob("**/*").scanSync({ cwd: dist, dot: false }))

const server = Bun.serve({
  hostname: process.env.HOST ?? "127.0.0.1",
  port: Number(process.env.PORT ?? 3000),
  maxRequestBodySize: 2 * 1024 * 1024,
  routes: { "/store/*": (request) => store(request) },
  fetch: (request) => page(request),
  error: () => new Response("Something went wrong in server.js", { status: 500 }),
})
console.log(`Listening on ${server.url}`)

function page(request) {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response("Not allowed", { status: 405 })
  const path = decodeURI(new URL(request.url).pathname).slice(1)
  // Files under assets/ have their content's hash in their name; everything else is asked for each time.
  if (files.has(path)) {
    const cache = path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache"
    return new Response(Bun.file(join(dist, path)), { headers: { "cache-control": cache } })
  }
  if (path.startsWith("assets/")) return new Response("There is no such file.", { status: 404 })
  // Every other address is a screen of the app.
  return new Response(Bun.file(join(dist, "index.html")), { headers: { "cache-control": "no-cache" } })
}
