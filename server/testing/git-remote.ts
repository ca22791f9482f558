import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const account = { username: "oauth2", password: "glpat-CANARY/7+ä" }

/** A forge's git server: real repositories behind `git http-backend`, for one account; it can be told to misbehave. */
export interface GitRemote extends AsyncDisposable {
  readonly origin: string
  readonly credentials: { username: string; password: string }
  /** What was asked, e.g. `GET /a.git/info/refs`, and whether it was signed in. */
  readonly asked: { path: string; signedIn: boolean }[]
  /** Makes an empty repository; its folder. */
  add(name: string): string
  url(name: string): string
  /** Answers in place of git, for those that are signed in; null = git does. */
  answer: ((request: Request) => Response | Promise<Response> | null) | null
  /** Sees each answer of git before it leaves. */
  after: ((request: Request, response: Response) => Response | Promise<Response>) | null
}

/** Starts it on a loopback port. */
export function startGitRemote(options: { tls?: { key: string; cert: string } } = {}): GitRemote {
  const root = mkdtempSync(join(tmpdir(), "gochat-remote-"))
  const asked: GitRemote["asked"] = []
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    tls: options.tls,
    async fetch(request) {
      const url = new URL(request.url)
      const signedIn = request.headers.get("authorization") === `Basic ${btoaUtf8(account)}`
      asked.push({ path: `${request.method} ${url.pathname}`, signedIn })
      if (!signedIn) return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="GitLab"' } })
      const own = await remote.answer?.(request)
      if (own) return own
      const response = await httpBackend(root, request)
      return (await remote.after?.(request, response)) ?? response
    },
  })
  const origin = `${options.tls ? "https" : "http"}://127.0.0.1:${server.port}`
  const remote: GitRemote = {
    origin,
    credentials: account,
    asked,
    answer: null,
    after: null,
    add(name) {
      const folder = join(root, `${name}.git`)
      mkdirSync(folder)
      plainGit(folder, "init", "--quiet", "--bare", "--initial-branch=main")
      return folder
    },
    url: (name) => `${origin}/${name}.git`,
    async [Symbol.asyncDispose]() {
      await server.stop(true)
      rmSync(root, { recursive: true, force: true })
    },
  }
  return remote
}

/** Plain git, as anybody outside would run it; throws with its words when it fails. */
export function plainGit(folder: string, ...args: string[]): string {
  const identity = [
    "-c",
    "user.name=Outside",
    "-c",
    "user.email=outside@example.com",
    "-c",
    "protocol.file.allow=always",
  ]
  const done = Bun.spawnSync(["git", ...identity, ...args], {
    cwd: folder,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
  })
  if (!done.success) throw new Error(`git ${args.join(" ")}: ${done.stderr.toString()}`)
  return done.stdout.toString().trim()
}

const btoaUtf8 = ({ username, password }: typeof account): string =>
  Buffer.from(`${username}:${password}`).toString("base64")

/** git-http-backend(1) is a CGI program: a head in lines, an empty line, the body. */
async function httpBackend(root: string, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const process = Bun.spawn(["git", "http-backend"], {
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      REMOTE_USER: account.username,
      CONTENT_TYPE: request.headers.get("content-type") ?? "",
      HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
      GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
    },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
    signal: request.signal,
  })
  void feed(process.stdin, request.body)
  const output = process.stdout.getReader()
  let head = Buffer.alloc(0)
  while (!head.includes("\r\n\r\n")) {
    const { value, done } = await output.read()
    if (done) return new Response("git http-backend said nothing", { status: 500 })
    head = Buffer.concat([head, value])
  }
  const end = head.indexOf("\r\n\r\n")
  const headers = new Headers(
    head
      .toString("latin1", 0, end)
      .split("\r\n")
      .map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  )
  const status = Number.parseInt(headers.get("status") ?? "200", 10)
  headers.delete("status")
  return new Response(rest(output, head.subarray(end + 4)), { status, headers })
}

async function feed(stdin: Bun.FileSink, body: ReadableStream<Uint8Array> | null): Promise<void> {
  try {
    for await (const bytes of body ?? []) {
      await stdin.write(bytes)
      await stdin.flush()
    }
    await stdin.end()
  } catch {
    // The client or git went away.
  }
}

const rest = (output: ReadableStreamDefaultReader<Uint8Array>, begun: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      if (begun.length > 0) controller.enqueue(begun)
    },
    async pull(controller) {
      const { value, done } = await output.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => output.cancel(),
  })
