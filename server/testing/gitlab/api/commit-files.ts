import { rm } from "node:fs/promises"
import { join } from "node:path"
import { afterPush } from "../git/after-push.ts"
import { gitLine, gitText, repoOf, resolve } from "../git/git.ts"
import { alone } from "../git/serve.ts"
import { badRequest, forbidden, Refusal } from "../http/answer.ts"
import { bot, type Project, type World, zeroSha } from "../world.ts"

export interface CommitAction {
  action: string
  file_path: string
  previous_path?: string
  content?: string
  encoding?: string
  last_commit_id?: string
  execute_filemode?: boolean
}

export interface CommitRequest {
  branch: string
  message: string
  actions: CommitAction[]
  startBranch?: string | null
  startSha?: string | null
  force?: boolean
  author?: { name: string; email: string }
}

interface Entry {
  mode: string
  sha: string
}

/** One commit of several changes, or none when one of them is bad. Returns its sha. */
export function commitFiles(world: World, project: Project, request: CommitRequest): Promise<string> {
  return alone(project.key, () => commitNow(world, project, request))
}

async function commitNow(world: World, project: Project, request: CommitRequest): Promise<string> {
  const dir = repoOf(world, project)
  const head = await resolve(dir, `refs/heads/${request.branch}`)
  const parent = await parentOf(dir, request, head)
  allowed(world, project, request, head)
  const files = await filesOf(dir, parent)
  for (const action of request.actions) await apply(dir, parent, files, action)
  const tree = await writeTree(dir, files)
  const author = request.author ?? { name: bot.name, email: bot.email }
  const env = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: bot.name,
    GIT_COMMITTER_EMAIL: bot.email,
  }
  const parents = parent === null ? [] : ["-p", parent]
  const sha = await gitLine(dir, ["commit-tree", tree, ...parents, "-m", request.message], { env })
  await gitLine(dir, ["update-ref", `refs/heads/${request.branch}`, sha, head ?? zeroSha])
  await afterPush(world, project, [{ branch: request.branch, before: head ?? zeroSha, after: sha }])
  return sha
}

async function parentOf(dir: string, request: CommitRequest, head: string | null): Promise<string | null> {
  const { startBranch, startSha, branch, force } = request
  if (startBranch !== null && startBranch !== undefined && startSha !== null && startSha !== undefined) {
    throw new Refusal(400, { error: "start_branch, start_sha are mutually exclusive" })
  }
  const start = startSha ?? startBranch ?? null
  if (start === null || start === branch) {
    if (head !== null) return head
    const empty = (await gitLine(dir, ["for-each-ref", "--count=1", "refs/heads"])) === ""
    if (!empty) throw badRequest("You can only create or edit files when you are on a branch")
    return null
  }
  if (head !== null && force !== true) throw badRequest(`A branch called '${branch}' already exists. Switch to that branch in order to make changes`) // prettier-ignore
  const from = await resolve(dir, start)
  if (from === null) throw badRequest("You can only create or edit files when you are on a branch")
  return from
}

function allowed(world: World, project: Project, request: CommitRequest, head: string | null): void {
  const protection = project.protections.find(({ name }) => new Bun.Glob(name).match(request.branch))
  if (protection === undefined) return
  const pushes = protection.pushLevel > 0 && world.settings.accessLevel >= protection.pushLevel
  if (!pushes) throw forbidden("You are not allowed to push into this branch")
  if (head !== null && request.force === true && !protection.allowForcePush) {
    throw badRequest("You are not allowed to force push code to a protected branch on this project.")
  }
}

async function filesOf(dir: string, sha: string | null): Promise<Map<string, Entry>> {
  if (sha === null) return new Map()
  const list = (await gitText(dir, ["ls-tree", "-r", "-z", sha])) ?? ""
  return new Map(
    list.split("\0").flatMap((line): [string, Entry][] => {
      const found = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line)
      return found === null ? [] : [[found[3] ?? "", { mode: found[1] ?? "", sha: found[2] ?? "" }]]
    }),
  )
}

async function apply(
  dir: string,
  parent: string | null,
  files: Map<string, Entry>,
  action: CommitAction,
): Promise<void> {
  const path = action.file_path
  if (path === "") throw badRequest("You must provide a file path")
  if (path.split("/").includes("..")) throw badRequest("Path cannot include directory traversal")
  if (path.startsWith("/") || path.split("/").some((part) => part === "" || part.toLowerCase() === ".git")) {
    throw badRequest(`invalid path: '${path}'`)
  }
  if (!["create", "update", "move", "delete", "chmod"].includes(action.action)) {
    throw new Refusal(400, { error: "actions[0][action] does not have a valid value" })
  }
  const source = action.action === "move" ? (action.previous_path ?? "") : path
  const known = files.get(source)
  if (action.action === "create") {
    if (files.has(path)) throw badRequest("A file with this name already exists")
    if ([...files.keys()].some((other) => other.startsWith(`${path}/`))) {
      throw badRequest("A directory with this name already exists")
    }
  } else if (known === undefined) throw badRequest("A file with this name doesn't exist")
  if (action.last_commit_id !== undefined && parent !== null) {
    const last = await gitLine(dir, ["log", "-1", "--format=%H", parent, "--", source])
    if (last !== action.last_commit_id) throw badRequest("You are attempting to update a file that has changed since you started editing it.") // prettier-ignore
  }
  if (action.action === "update" && action.content === undefined) {
    throw badRequest("400 Bad request - actions[0][content] is required for update action")
  }
  if (action.action === "delete") return void files.delete(path)
  if (action.action === "move") files.delete(source)
  const mode = action.execute_filemode === undefined ? (known?.mode ?? "100644") : action.execute_filemode ? "100755" : "100644" // prettier-ignore
  const keeps = action.action === "chmod" || (action.action === "move" && action.content === undefined)
  files.set(path, { mode, sha: keeps && known !== undefined ? known.sha : await blob(dir, action) })
}

async function blob(dir: string, { content = "", encoding = "text" }: CommitAction): Promise<string> {
  if (!["text", "base64"].includes(encoding)) {
    throw new Refusal(400, { error: "actions[0][encoding] does not have a valid value" })
  }
  const input = encoding === "base64" ? Buffer.from(content, "base64") : content
  return gitLine(dir, ["hash-object", "-w", "--stdin"], { input })
}

async function writeTree(dir: string, files: Map<string, Entry>): Promise<string> {
  const index = join(dir, `index-${crypto.randomUUID()}`)
  const input = [...files].map(([path, { mode, sha }]) => `${mode} ${sha}\t${path}\0`).join("")
  const env = { GIT_INDEX_FILE: index }
  await gitLine(dir, ["update-index", "-z", "--index-info"], { input, env })
  const tree = await gitLine(dir, ["write-tree"], { env })
  await rm(index, { force: true })
  return tree
}
