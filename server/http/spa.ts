import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Config, projectRoot } from "../config.ts"

export const distFolder = join(projectRoot, "client", "dist")

interface Asset {
  bytes: Uint8Array<ArrayBuffer>
  gzip: Uint8Array<ArrayBuffer> | null
  type: string
  etag: string
}

const compressible = /^(text\/|application\/(javascript|json|manifest\+json|wasm)|image\/svg)/
const missing = `The pages of Go Chat are not built yet.

Run "bun start", which builds them.
`

/**
 * Serves the built client from memory: hashed files for ever, all else to be asked for again, and `index.html` for
 * every path of the client's own router. Null when there is nothing to serve.
 */
export function spa(config: Config, folder: string): (request: Request) => Response | null {
  const assets = new Map<string, Asset>()
  const pageHeaders = { "content-security-policy": contentPolicy(config), "x-frame-options": "DENY" }
  // What is not there is not remembered: anybody can ask for any name, and a build may come later.
  const find = (file: string): Asset | null => {
    const asset = assets.get(file) ?? readAsset(folder, file)
    if (asset !== null) assets.set(file, asset)
    return asset
  }
  return (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return null
    const file = new URL(request.url).pathname.slice(1)
    if (file !== "index.html" && isPlain(file)) {
      const asset = find(file)
      if (asset !== null) return answer(request, asset, { "cache-control": cacheOf(file) })
      // A file that is asked for by name and is not there must not be answered with a page.
      if (/\.\w{1,11}$/.test(file)) return null
    }
    const page = find("index.html")
    if (page !== null) return answer(request, page, { "cache-control": "no-cache", ...pageHeaders })
    return new Response(missing, { status: 503, headers: { "content-type": "text/plain; charset=utf-8" } })
  }
}

/** Names that can only mean a file inside the folder. */
function isPlain(file: string): boolean {
  return /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(file)
}

function readAsset(folder: string, file: string): Asset | null {
  const path = join(folder, file)
  if (!existsSync(path)) return null
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = new Uint8Array(readFileSync(path))
  } catch {
    // A folder.
    return null
  }
  const { type } = Bun.file(path)
  const worth = compressible.test(type) && bytes.length > 1024
  const gzip = worth ? Bun.gzipSync(bytes, { level: 9 }) : null
  return { bytes, gzip, type, etag: `"${Bun.hash(bytes).toString(36)}"` }
}

function answer(request: Request, asset: Asset, more: Record<string, string>): Response {
  const headers = new Headers({ "content-type": asset.type, etag: asset.etag, ...more })
  if (asset.gzip !== null) headers.set("vary", "accept-encoding")
  if (request.headers.get("if-none-match") === asset.etag) return new Response(null, { status: 304, headers })
  const zipped = asset.gzip !== null && /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "")
  if (zipped) headers.set("content-encoding", "gzip")
  return new Response(zipped ? asset.gzip : asset.bytes, { headers })
}

function cacheOf(file: string): string {
  return file.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache"
}

/** Only our own files run; frames only show previews; nobody frames us. */
function contentPolicy({ publicUrl, previewDomain }: Config): string {
  const { origin, protocol } = new URL(publicUrl)
  return [
    "default-src 'self'",
    "script-src 'self'",
    // Coloured code and components place things with style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    // A page opened at localhost asks whether the browser reaches the public address.
    `connect-src 'self' ${origin}`,
    `frame-src 'self' ${protocol}//*.${previewDomain}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
  ].join("; ")
}
