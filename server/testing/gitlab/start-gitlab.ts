import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { artifactZip } from "./api/artifact-zip.ts"
import { type CommitAction, commitFiles } from "./api/commit-files.ts"
import { PipelineEngine } from "./ci/pipeline-engine.ts"
import { readContract } from "./contract/contract.ts"
import { gitPath, serveGit } from "./git/serve.ts"
import { gitText, repoOf, resolve } from "./git/git.ts"
import { HookCenter } from "./hooks/hook-center.ts"
import { answerApi } from "./http/api.ts"
import { Router } from "./http/router.ts"
import { type Incoming, listen, type Outgoing } from "./http/serve.ts"
import { spoiledAnswer, Troubles } from "./http/trouble.ts"
import type { LoggedRequest } from "./request-log.ts"
import { ScriptedPipeline } from "./scripted-pipeline.ts"
import { until } from "../until.ts"
import { mergeNow } from "./api/merge-requests.ts"
import { makeProject } from "./api/projects.ts"
import { allRoutes } from "./api/routes.ts"
import type { GitLabDouble } from "./double.ts"
import { defaultSettings } from "./settings.ts"
import { type Group, pipelinesOf, type Settings, type World } from "./world.ts"

/** Starts a GitLab on loopback. */
export async function startGitLab(options: Partial<Settings> = {}): Promise<GitLabDouble> {
  const folder = await mkdtemp(join(tmpdir(), "gitlab-"))
  const reposDir = join(folder, "repos")
  await mkdir(reposDir)
  const delayed = (options.version ?? defaultSettings.version) >= 18
  const settings: Settings = { ...defaultSettings, delayedDeletion: delayed, ...options }
  const violations: string[] = []
  const requests: LoggedRequest[] = []
  const storage: LoggedRequest[] = []
  const troubles = new Troubles()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const working = new Set<Promise<void>>()
  let lastId = 0
  let closed = false

  const getWorld = (): World => world
  const world: World = {
    settings,
    folder,
    reposDir,
    url: "",
    storageUrl: "",
    tokens: [],
    groups: [],
    projects: new Map(),
    pipelines: new Map(),
    hooks: new Map(),
    nextId: () => (lastId = Math.max(lastId + 1, settings.firstId)),
    center: new HookCenter(getWorld),
    engine: new PipelineEngine(getWorld),
    later(work, ms = 0) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        const done = work()
          .catch((error: unknown) => {
            if (!closed) violations.push(`in the background: ${error instanceof Error ? error.stack : String(error)}`)
          })
          .finally(() => working.delete(done))
        working.add(done)
      }, ms)
      timers.add(timer)
    },
  }
  const group: Group = { id: world.nextId(), name: "Go Chat", path: "go-chat", fullPath: "go-chat", parentId: null, createdAt: new Date() } // prettier-ignore
  world.groups.push(group)
  const api = { world, router: new Router(allRoutes), contract: await readContract(), violations }

  async function answer(incoming: Incoming): Promise<Outgoing> {
    const entry = log(requests, incoming)
    const trouble = troubles.take(incoming.method, incoming.url)
    entry.trouble = trouble?.kind ?? null
    const outgoing = (trouble === null ? null : spoiledAnswer(trouble)) ?? (trouble?.kind === "silent" ? never : await done(incoming)) // prettier-ignore
    if (trouble?.kind === "slow") await Bun.sleep(trouble.ms)
    entry.status = outgoing.status
    entry.ms = Date.now() - entry.at.getTime()
    if (trouble?.kind === "cut" || trouble?.kind === "lost") return { ...outgoing, spoiled: trouble.kind }
    return outgoing
  }

  async function done(incoming: Incoming): Promise<Outgoing> {
    const url = new URL(incoming.url, "http://gitlab")
    if (!url.pathname.startsWith(settings.subPath)) return page(404)
    url.pathname = url.pathname.slice(settings.subPath.length)
    if (url.pathname.startsWith("/api/v4/")) return answerApi(api, incoming, url)
    const git = gitPath(world, url.pathname)
    if (git === null) return { ...page(302), headers: { location: `${world.url}/users/sign_in` } }
    const { method, headers, body } = incoming
    return serveGit(world, { method, path: url.pathname, query: url.search.slice(1), headers, body }, git)
  }

  let main = await listen(answer)
  const other = await listen(async (incoming) => {
    log(storage, incoming).status = 200
    const [, projectId = "", jobId = ""] = /^\/artifacts\/(\d+)\/(\d+)/.exec(incoming.url) ?? []
    const zip = await zipOf(world, Number(projectId), Number(jobId))
    return zip === null ? page(404) : { status: 200, headers: { "content-type": "application/zip" }, body: zip }
  })
  world.url = `http://127.0.0.1:${main.port}${settings.subPath}`
  world.storageUrl = `http://localhost:${other.port}`

  const double: GitLabDouble = {
    url: world.url,
    token: "glpat-double-0123456789",
    group,
    settings,
    world,
    hooks: world.center,
    requests,
    violations,
    checks: api.contract !== null,
    storage,
    trouble: (rule) => troubles.add("trouble" in rule ? rule : { trouble: rule }),
    calm: () => troubles.clear(),
    addToken(token = {}) {
      const made = { value: `glpat-${crypto.randomUUID()}`, scopes: ["api"], expiresAt: inDays(300), revoked: false, ...token } // prettier-ignore
      world.tokens.push(made)
      return made
    },
    async createProject({ files, ...input }) {
      const project = await makeProject(world, { name: input.path, group, autoDevOps: false, ...input })
      if (files !== undefined) await double.commit(project.id, files, { message: "Initial commit" })
      return project
    },
    project: (id) => must(world.projects.get(id), "project"),
    async commit(projectId, files, { branch, startBranch, message = "A change from outside" } = {}) {
      const project = double.project(projectId)
      const name = branch ?? project.defaultBranch
      const dir = repoOf(world, project)
      const from = startBranch ?? name
      const known = ((await gitText(dir, ["ls-tree", "-r", "--name-only", "-z", from])) ?? "").split("\0")
      const actions = Object.entries(files).map(([path, content]): CommitAction => {
        if (content === null) return { action: "delete", file_path: path }
        return { action: known.includes(path) ? "update" : "create", file_path: path, content }
      })
      return commitFiles(world, project, { branch: name, message, actions, startBranch: startBranch ?? null })
    },
    head: async (projectId, branch) => {
      const project = double.project(projectId)
      return resolve(repoOf(world, project), branch ?? project.defaultBranch)
    },
    async merge(projectId, iid) {
      const project = double.project(projectId)
      return mergeNow(world, project, must(project.mergeRequests.find((request) => request.iid === iid), "request")) // prettier-ignore
    },
    pipelines: (projectId) => pipelinesOf(world, projectId),
    script: (projectId) => new ScriptedPipeline(world, must(pipelinesOf(world, projectId)[0], "pipeline")),
    settled: (ms = 20_000) =>
      until(() => timers.size === 0 && working.size === 0 && world.center.quiet && world.engine.quiet, ms),
    away: () => main.close(),
    back: async () => {
      main = await listen(answer, main.port)
    },
    async close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      await world.engine.close()
      await Promise.all([main.close(), other.close(), ...working])
      await rm(folder, { recursive: true, force: true })
    },
  }
  double.addToken({ value: double.token })
  return double
}

const never: Outgoing = { status: 0, headers: {}, body: "", spoiled: "silent" }

const page = (status: number): Outgoing => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: `<!DOCTYPE html><html><body><h1>${status}</h1></body></html>`,
})

function log(list: LoggedRequest[], { method, url, headers, body }: Incoming): LoggedRequest {
  const text = body.length < 1_000_000 && !/git-(?:upload|receive)-pack/.test(url) ? new TextDecoder().decode(body) : ""
  const entry = { method, path: url, headers, body: text, status: 0, trouble: null, at: new Date(), ms: 0 }
  list.push(entry)
  return entry
}

async function zipOf(world: World, projectId: number, jobId: number): Promise<Uint8Array | null> {
  const project = world.projects.get(projectId)
  const pipeline = pipelinesOf(world, projectId).find(({ jobs }) => jobs.some(({ id }) => id === jobId))
  const job = pipeline?.jobs.find(({ id }) => id === jobId)
  return project === undefined || pipeline === undefined || job === undefined ? null : artifactZip(world, project, pipeline, job) // prettier-ignore
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no such ${what}`)
  return value
}

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
