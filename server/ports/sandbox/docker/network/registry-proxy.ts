/**
 * Runs in a container of its own, as one text without the files beside it: it lets apps reach package registries and
 * nothing else. HTTPS passes as a tunnel (CONNECT), plain HTTP as single GET and HEAD requests.
 */
import { connect, createServer, type Socket } from "node:net"

const port = 3128
const headBytes = 8 * 1024
const headMs = 10_000
const connectMs = 15_000
const idleMs = 60_000
const mostPerApp = 64
const most = 256
const onlyRead = "This server lets apps only read from package registries."

/** Host and port, exactly: `registry.npmjs.org:443`. */
const allowed = new Set((process.env["ALLOWED"] ?? "").split(",").filter(Boolean))
const open = new Map<string, number>()

interface Request {
  method: string
  host: string
  port: number
  /** What goes to the registry first; null for a tunnel. */
  head: string | null
}

function readRequest(text: string): Request | null {
  const [line = "", ...fields] = text.split("\r\n")
  const [method = "", target = "", version = ""] = line.split(" ")
  // A lone line feed is a new line for some servers.
  if (/\p{Cc}/u.test(text.replaceAll(/\r\n|\t/g, ""))) return null
  if (!/^HTTP\/1\.[01]$/.test(version)) return null
  const tunnel = method === "CONNECT"
  const url = URL.parse(tunnel ? `http://${target}` : target)
  if (url === null || url.protocol !== "http:" || url.username || url.password) return null
  if (tunnel && !/^[^/?#@]+:\d+$/.test(target)) return null
  const at = { method, host: url.hostname.replace(/\.$/, ""), port: Number(url.port || 80) }
  if (tunnel) return { ...at, head: null }
  // One request and no body: nothing that follows is sent on, so nothing can be hidden behind it.
  const kept = fields.filter(
    (field) => !/^(host|connection|proxy-[\w-]*|keep-alive|te|upgrade|expect)\s*:/i.test(field),
  )
  if (kept.some((field) => !/^[\w-]+:/.test(field) || /^(content-length:\s*[^0\s]|transfer-encoding:)/i.test(field)))
    return null
  const head = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, ...kept, "Connection: close"]
  return { ...at, head: `${head.join("\r\n")}\r\n\r\n` }
}

function refuse(socket: Socket, status: string, words: string): void {
  const body = `${words}\n`
  const fields = ["Content-Type: text/plain; charset=utf-8", `Content-Length: ${Buffer.byteLength(body)}`]
  socket.end(`HTTP/1.1 ${status}\r\n${fields.join("\r\n")}\r\nConnection: close\r\n\r\n${body}`)
}

function answer(socket: Socket, text: string, rest: Buffer): void {
  const request = readRequest(text)
  if (request === null) {
    refuse(socket, "400 Bad Request", onlyRead)
    return
  }
  const { host } = request
  const at = `${host}:${request.port}`
  if (!allowed.has(at)) {
    const name = [...allowed].some((one) => one.startsWith(`${host}:`)) ? at : host
    const words = "is not a package registry; this server lets apps reach only package registries"
    refuse(socket, "403 Forbidden", `${name} ${words}`)
  } else if (request.head !== null && request.method !== "GET" && request.method !== "HEAD") {
    refuse(socket, "405 Method Not Allowed", onlyRead)
  } else {
    carry(socket, request, rest)
  }
}

function carry(socket: Socket, { host, port, head }: Request, rest: Buffer): void {
  const away = connect({ host, port })
  const late = setTimeout(() => away.destroy(new Error("late")), connectMs)
  const notThere = () => refuse(socket, "502 Bad Gateway", `${host} does not answer.`)
  away.once("error", notThere)
  away.once("connect", () => {
    clearTimeout(late)
    away.off("error", notThere)
    away.on("error", () => socket.destroy())
    away.on("close", () => socket.end())
    const idle = setTimeout(() => socket.destroy(), idleMs)
    socket.on("close", () => clearTimeout(idle))
    if (head === null) {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
      if (rest.length > 0) away.write(rest)
      socket.pipe(away)
    } else {
      away.write(head)
    }
    away.pipe(socket)
    away.on("data", () => idle.refresh())
    // Of plain HTTP nothing more is sent on; it is read all the same, so that a client that leaves is seen.
    socket.on("data", () => idle.refresh())
    socket.resume()
  })
  socket.on("close", () => {
    clearTimeout(late)
    away.destroy()
  })
}

/** Counts a connection for as long as it is open; false when its app, or all apps together, have too many. */
function admit(socket: Socket): boolean {
  const app = socket.remoteAddress ?? ""
  const count = open.get(app) ?? 0
  const all = [...open.values()].reduce((sum, one) => sum + one, 0)
  if (count >= mostPerApp || all >= most) return false
  open.set(app, count + 1)
  socket.on("close", () => {
    const left = (open.get(app) ?? 1) - 1
    if (left > 0) open.set(app, left)
    else open.delete(app)
  })
  return true
}

const server = createServer((socket) => {
  socket.on("error", () => socket.destroy())
  if (!admit(socket)) {
    socket.destroy()
    return
  }
  const late = setTimeout(() => socket.destroy(), headMs)
  socket.on("close", () => clearTimeout(late))
  let head = Buffer.alloc(0)
  const read = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf("\r\n\r\n")
    if (end < 0 && head.length <= headBytes) return
    socket.off("data", read)
    socket.pause()
    clearTimeout(late)
    if (end < 0 || end > headBytes) refuse(socket, "431 Request Header Fields Too Large", "The request is too long.")
    else answer(socket, head.subarray(0, end).toString("latin1"), head.subarray(end + 4))
  }
  socket.on("data", read)
})
server.listen(port, "0.0.0.0", () => process.stdout.write("ready\n"))
process.on("SIGTERM", () => process.exit(0))
