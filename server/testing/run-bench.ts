import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { user } from "../../drizzle/schema/account.ts"
import type { ProjectEvent } from "../../shared/events.ts"
import { emptyState, type ProjectState, reduce } from "../../shared/reduce.ts"
import { type Config, loadConfig } from "../config.ts"
import type { Ctx, Services } from "../context.ts"
import { DeltaWriter } from "../features/event/delta-writer.ts"
import { Hub } from "../features/event/hub.ts"
import { parseEvent } from "../features/event/stored-event.ts"
import { readAfter } from "../features/event/store.ts"
import { workspaceRoot } from "../features/file/workspace-root.ts"
import { createProject } from "../features/project/create.ts"
import { createRuns } from "../features/run/engine.ts"
import { newId } from "../lib/ids.ts"
import { createLog } from "../log.ts"
import { createGitRepository } from "../ports/repository/git/create-git-repository.ts"
import type { ExecResult } from "../ports/sandbox/port.ts"
import { testDatabase } from "./database.ts"
import { type Script, type ScriptedModel, scriptedModel } from "./scripted-model.ts"

/** Runs on a real database and real git, with a scripted model; apps are not started and checks not run, only asked for. */
export interface RunBench {
  readonly ctx: Ctx
  readonly model: ScriptedModel
  readonly userId: string
  /** What was asked of the workspaces and the checks, in order. */
  readonly asked: string[]
  /** Answers of `run_command`; may wait for its signal. */
  exec: (command: string, signal: AbortSignal) => Promise<ExecResult>
  project(title?: string): Promise<{ id: string; root: string }>
  /** Another server process on the same database and folders. */
  process(config?: Partial<Config>): Promise<Ctx>
  events(projectId: string): Promise<ProjectEvent[]>
  /** What a client knows after all events. */
  state(projectId: string): Promise<ProjectState>
  /** Resolves with the first event that is wanted, now or later. */
  event(projectId: string, wanted: (event: ProjectEvent) => boolean): Promise<ProjectEvent>
  close(): Promise<void>
}

/** Looks again until there is something; undefined when it takes too long. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T | undefined> {
  for (const start = performance.now(); performance.now() - start < 8_000; await Bun.sleep(5)) {
    const found = await look()
    if (found !== undefined) return found
  }
  return undefined
}

export async function runBench(script: Script, env: Record<string, string> = {}): Promise<RunBench> {
  const database = await testDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), "gochat-run-"))
  const config = loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: "fatal", MAX_PROJECTS_PER_USER: "1000", ...env })
  const log = createLog(config)
  const model = scriptedModel(script)
  const asked: string[] = []
  const userId = newId()
  await database.db.insert(user).values({ id: userId, name: "Mia", email: "mia@example.com" })
  const processes: Services[] = []

  const bench: RunBench = {
    ctx: open(config),
    model,
    userId,
    asked,
    exec: async () => ({ exitCode: 0, output: "ok\n", truncatedBytes: 0, ended: "exit" }),
    async project(title) {
      const { id } = await createProject(bench.ctx, { title })
      return { id, root: workspaceRoot(config, id) }
    },
    process: async (changes = {}) => open({ ...config, ...changes }),
    async events(projectId) {
      return (await readAfter(database.db, projectId, 0, 100_000)).map(parseEvent)
    },
    state: async (projectId) => (await bench.events(projectId)).reduce(reduce, emptyState),
    async event(projectId, wanted) {
      const found = await until(async () => (await bench.events(projectId)).find(wanted))
      if (found !== undefined) return found
      throw new Error(`no such event: ${JSON.stringify((await bench.events(projectId)).map(({ type }) => type))}`)
    },
    async close() {
      for (const services of processes) await services.runs.drain()
      for (const services of processes) await services.deltas.close()
      await database.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }

  function open(own: Config): Ctx {
    const services = servicesOf(own)
    processes.push(services)
    return { ...services, actor: { type: "user", userId, role: "user", sessionId: newId() }, requestId: newId() }
  }

  function servicesOf(own: Config): Services {
    const { db } = database
    const onError = (err: unknown) => log.error({ err })
    const hub = new Hub({ db, notifies: false, onError })
    const services = {
      config: own,
      log,
      db,
      hub,
      model,
      deltas: new DeltaWriter({ db, hub, onError }),
      repository: createGitRepository({ reposDir: join(dataDir, "repos") }),
      forge: { mode: "local", remote: null },
      draining: new AbortController().signal,
      builds: { kick: () => asked.push("builds.kick") },
      sandboxes: {
        wake: async ({ slug }: { slug: string | null }, kind: string) => asked.push(`wake ${kind} ${slug !== null}`),
        exec: async (_projectId: string, { command, signal }: { command: string; signal: AbortSignal }) => {
          asked.push(`exec ${command}`)
          return bench.exec(command, signal)
        },
      },
    } as unknown as Services
    services.runs = createRuns(services)
    return services
  }

  return bench
}
