import { authenticateGit } from "../http/auth.ts"
import { fullPathOf, type Project, type World, zeroSha } from "../world.ts"
import { afterPush, type RefChange } from "./after-push.ts"
import { writeProtections } from "./create-repo.ts"
import { branchesOf, gitEnvironment, repoOf } from "./git.ts"

export interface GitRequest {
  method: string
  path: string
  query: string
  headers: Headers
  body: Uint8Array
}

export interface GitAnswer {
  status: number
  headers: Record<string, string>
  body: Uint8Array | string
}

const plain = (status: number, body: string, headers: Record<string, string> = {}): GitAnswer => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  body,
})

/** The project and the rest of a path like `/group/app.git/info/refs`; null for other paths. */
export function gitPath(world: World, path: string): { project: Project | null; rest: string } | null {
  const found = /^\/(.+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/.exec(decodeURIComponent(path))
  if (found === null) return null
  const full = (found[1] ?? "").toLowerCase()
  const project = [...world.projects.values()].find((project) => fullPathOf(project).toLowerCase() === full) ?? null
  return { project, rest: found[2] ?? "" }
}

/** Answers clone, fetch and push by git's own server. */
export async function serveGit(
  world: World,
  request: GitRequest,
  { project, rest }: { project: Project | null; rest: string },
): Promise<GitAnswer> {
  const write = rest === "/git-receive-pack" || request.query.includes("service=git-receive-pack")
  const token = authenticateGit(world, request.headers, write)
  const challenge = { "www-authenticate": 'Basic realm="GitLab"' }
  if (token === null) return plain(401, "HTTP Basic: Access denied. The provided password or token is incorrect.\n", challenge) // prettier-ignore
  if (project === null) return plain(404, "The project you were looking for could not be found or you don't have permission to view it.\n") // prettier-ignore
  if (write && project.markedForDeletion !== null) return plain(403, "This project is archived.\n")
  if (write && world.settings.accessLevel < 30) return plain(403, "You are not allowed to push code to this project.\n")
  if (rest !== "/git-receive-pack") return backend(world, project, request, rest)
  return alone(project.key, async () => {
    const before = await branchesOf(repoOf(world, project))
    await writeProtections(world, project)
    const answer = await backend(world, project, request, rest)
    await afterPush(world, project, changesOf(before, await branchesOf(repoOf(world, project))))
    return answer
  })
}

const queues = new Map<string, Promise<unknown>>()

/** One change of a repository at a time, so that each knows what it changed. */
export async function alone<T>(key: string, work: () => Promise<T>): Promise<T> {
  const turn = (queues.get(key) ?? Promise.resolve()).then(work, work)
  queues.set(key, turn)
  try {
    return await turn
  } finally {
    if (queues.get(key) === turn) queues.delete(key)
  }
}

function changesOf(before: Map<string, string>, after: Map<string, string>): RefChange[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].flatMap((branch) => {
    const [old, now] = [before.get(branch) ?? zeroSha, after.get(branch) ?? zeroSha]
    return old === now ? [] : [{ branch, before: old, after: now }]
  })
}

async function backend(world: World, project: Project, request: GitRequest, rest: string): Promise<GitAnswer> {
  const { headers } = request
  const git = Bun.spawn(["git", "http-backend"], {
    env: {
      ...gitEnvironment,
      GIT_PROJECT_ROOT: world.reposDir,
      GIT_HTTP_EXPORT_ALL: "1",
      REMOTE_USER: "oauth2",
      REQUEST_METHOD: request.method,
      PATH_INFO: `/${project.key}.git${rest}`,
      QUERY_STRING: request.query,
      CONTENT_TYPE: headers.get("content-type") ?? "",
      CONTENT_LENGTH: String(request.body.length),
      HTTP_CONTENT_ENCODING: headers.get("content-encoding") ?? "",
      GIT_PROTOCOL: headers.get("git-protocol") ?? "",
    },
    stdin: new Blob([request.body as BlobPart]),
    stdout: "pipe",
    stderr: "ignore",
  })
  return parseCgi(await new Response(git.stdout).bytes())
}

function parseCgi(bytes: Uint8Array): GitAnswer {
  const end = Buffer.from(bytes).indexOf("\r\n\r\n")
  if (end < 0) return plain(500, "git said nothing")
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).split("\r\n")
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  )
  const status = Number.parseInt(headers["status"] ?? "200", 10)
  delete headers["status"]
  return { status, headers, body: bytes.subarray(end + 4) }
}
