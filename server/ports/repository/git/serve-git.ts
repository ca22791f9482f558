import { GitFailed, type GitProcess, startGit } from "./run-git.ts"
import { firstOutputOf, outputOf } from "./stream.ts"

/** What a client asks for is short; a body beyond this is not a fetch. */
const longestRequest = 20_000_000
const noCache = {
  "cache-control": "no-cache, max-age=0, must-revalidate",
  expires: "Fri, 01 Jan 1980 00:00:00 GMT",
  pragma: "no-cache",
}

/** Answers the two requests of a clone or fetch over smart HTTP; everything else, a push too, is refused with words. */
export async function serveGit(gitDir: string, request: Request, pathInfo: string): Promise<Response> {
  const service = new URL(request.url).searchParams.get("service")
  if (pathInfo === "/git-receive-pack" || service === "git-receive-pack") return pushRefused()
  if (pathInfo === "/info/refs" && request.method === "GET") {
    if (service === "git-upload-pack") return advertise(gitDir, request)
    return plain(400, "This server speaks git's smart protocol only. Use git 1.6.6 or newer.")
  }
  if (pathInfo === "/git-upload-pack" && request.method === "POST") return fetchPack(gitDir, request)
  return plain(404, "Not found")
}

async function advertise(gitDir: string, request: Request): Promise<Response> {
  const protocol = protocolOf(request)
  const process = uploadPack(gitDir, ["--http-backend-info-refs"], protocol, request.signal)
  await process.stdin.end()
  // Version 2 answers with capabilities alone, older ones name the service first.
  const preface = protocol.includes("version=2") ? "" : "001e# service=git-upload-pack\n0000"
  return new Response(outputOf(process, "upload-pack", new TextEncoder().encode(preface)), {
    headers: { ...noCache, "content-type": "application/x-git-upload-pack-advertisement" },
  })
}

async function fetchPack(gitDir: string, request: Request): Promise<Response> {
  if (request.headers.get("content-type") !== "application/x-git-upload-pack-request")
    return plain(415, "Not a git request")
  const zipped = ["gzip", "x-gzip"].includes(request.headers.get("content-encoding") ?? "")
  const body = zipped ? request.body?.pipeThrough(new DecompressionStream("gzip")) : request.body
  const process = uploadPack(gitDir, [], protocolOf(request), request.signal)
  void feed(process, body ?? null)
  try {
    return new Response(await firstOutputOf(process, "upload-pack"), {
      headers: { ...noCache, "content-type": "application/x-git-upload-pack-result" },
    })
  } catch (error) {
    if (error instanceof GitFailed) return plain(400, "git could not read this request")
    throw error
  }
}

const uploadPack = (gitDir: string, args: string[], protocol: string, signal: AbortSignal): GitProcess =>
  startGit(gitDir, ["upload-pack", "--strict", "--stateless-rpc", ...args, gitDir], {
    signal,
    env: protocol === "" ? {} : { GIT_PROTOCOL: protocol },
  })

/** `version=2` and the like; anything else is dropped. */
function protocolOf(request: Request): string {
  const wanted = request.headers.get("git-protocol") ?? ""
  return /^[a-z0-9=:]{1,100}$/.test(wanted) ? wanted : ""
}

/** A cut, broken or endless body ends git, whose end then ends the answer. */
async function feed(process: GitProcess, body: ReadableStream<Uint8Array> | null): Promise<void> {
  try {
    let length = 0
    for await (const bytes of body ?? []) {
      length += bytes.length
      if (length > longestRequest) return process.kill()
      await process.stdin.write(bytes)
      await process.stdin.flush()
    }
    await process.stdin.end()
  } catch {
    process.kill()
  }
}

const pushRefused = (): Response =>
  plain(403, "Pushing is not possible here: versions are made in Go Chat. Clone and fetch work.")

const plain = (status: number, text: string): Response =>
  new Response(`${text}\n`, { status, headers: { ...noCache, "content-type": "text/plain; charset=utf-8" } })
