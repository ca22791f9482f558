import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "../until.ts"
import { allRoutes } from "./api/routes.ts"
import { Background } from "./background.ts"
import { readContract } from "./contract/contract.ts"
import { createWorld } from "./create-world.ts"
import type { GitLabDouble } from "./double.ts"
import { front } from "./http/front.ts"
import { Limiter } from "./http/limits.ts"
import { Router } from "./http/router.ts"
import { listen } from "./http/serve.ts"
import { storage } from "./http/storage.ts"
import { Troubles } from "./http/trouble.ts"
import { Outsider } from "./outsider.ts"
import type { LoggedRequest } from "./request-log.ts"
import { ScriptedPipeline } from "./scripted-pipeline.ts"
import { defaultSettings } from "./settings.ts"
import { pipelinesOf, type Settings, type Token } from "./world.ts"

/** Starts a GitLab on loopback. */
export async function startGitLab(options: Partial<Settings> = {}): Promise<GitLabDouble> {
  const folder = await mkdtemp(join(tmpdir(), "gitlab-"))
  const delayedDeletion = (options.version ?? defaultSettings.version) >= 18
  const settings: Settings = { ...defaultSettings, delayedDeletion, ...options }
  const violations: string[] = []
  const background = new Background((words) => violations.push(words))
  const world = await createWorld(folder, settings, background)
  const contract = await readContract()
  const limiter = new Limiter(() => settings.limitsPerMinute)
  const troubles = new Troubles()
  const requests: LoggedRequest[] = []
  const stored: LoggedRequest[] = []
  const answer = front({ world, router: new Router(allRoutes), contract, violations, limiter }, troubles, requests)
  let main = await listen(answer)
  const other = await listen(storage(world, stored))
  world.url = `http://127.0.0.1:${main.port}${settings.subPath}`
  world.storageUrl = `http://localhost:${other.port}`
  const outsider = new Outsider(world)
  const [group] = world.groups
  if (group === undefined) throw new Error("there is no group")

  function addToken(token: Partial<Token> = {}): Token {
    const made = { value: `glpat-${crypto.randomUUID()}`, scopes: ["api"], expiresAt: inDays(300), revoked: false }
    world.tokens.push(Object.assign(made, token))
    return made
  }

  return {
    url: world.url,
    token: addToken({ value: "glpat-double-0123456789" }).value,
    group,
    settings,
    world,
    hooks: world.center,
    requests,
    violations,
    checks: contract !== null,
    storage: stored,
    trouble: (rule) => troubles.add("trouble" in rule ? rule : { trouble: rule }),
    calm: () => troubles.clear(),
    addToken,
    createProject: (input) => outsider.createProject(input),
    project: (id) => outsider.project(id),
    commit: (projectId, files, options) => outsider.commit(projectId, files, options),
    head: (projectId, branch) => outsider.head(projectId, branch),
    merge: (projectId, iid) => outsider.merge(projectId, iid),
    pipelines: (projectId) => pipelinesOf(world, projectId),
    script(projectId, pipelineId) {
      const found = pipelinesOf(world, projectId).find(({ id }) => id === (pipelineId ?? id))
      if (found === undefined) throw new Error("there is no such pipeline")
      return new ScriptedPipeline(world, found)
    },
    settled: (ms = 20_000) => until(() => background.quiet && world.center.quiet && world.engine.quiet, ms),
    away: () => main.close(),
    back: async () => {
      main = await listen(answer, main.port)
    },
    async close() {
      await Promise.all([world.engine.close(), background.close(), main.close(), other.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
