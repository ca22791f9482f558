import { mkdir } from "node:fs/promises"
import type { SandboxKind } from "../../../shared/sandbox.ts"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import type { ExecResult } from "../../ports/sandbox/port.ts"
import { parseEvent, type StoredEvent } from "../event/stored-event.ts"
import { workspaceRoot } from "../file/workspace-root.ts"
import { readAppSpec } from "./devcontainer.ts"
import { fingerprint } from "./fingerprint.ts"
import { Fleet } from "./fleet.ts"
import { PushedApps } from "./from-image.ts"
import { inAppWords } from "./in-app-words.ts"
import { Live } from "./live.ts"
import { idleApps } from "./make-room.ts"
import type { CommandInput, Sandboxes } from "./sandboxes.ts"
import { dataDirOf } from "./source.ts"
import { States } from "./states.ts"
import { existingProjects, findAppProject } from "./store.ts"
import { type AppTarget, draftOf } from "./target.ts"

const commandOutputBytes = 256 * 1024
const dayMs = 24 * 3_600_000

/** The supervisor of everything that runs. */
export function createSandboxes(services: Services): Sandboxes {
  const { config } = services
  const states = new States(services)
  const pushed = new PushedApps(services)
  const fleet = new Fleet(services, states, pushed)
  const live = new Live(services, fleet, states, pushed)
  const idleMs = config.containerIdleMinutes * 60_000
  const background = new Set<Promise<unknown>>()
  let timer: ReturnType<typeof setInterval> | undefined
  let sweepTimer: ReturnType<typeof setInterval> | undefined
  let unsubscribe = () => {}
  let closing = false

  const inBackground = (work: Promise<unknown>, what: string) => {
    const done = work.catch((err: unknown) => services.log.warn({ err }, what)).finally(() => background.delete(done))
    background.add(done)
  }

  const targetOf = (projectId: string, kind: SandboxKind, sha: string | null): AppTarget => {
    if (kind === "draft") return draftOf(projectId)
    const current = kind === "live" ? live.current(projectId)?.target : undefined
    return current ?? { projectId, kind, ref: sha ?? states.of({ projectId, kind, ref: "" }).sha ?? "" }
  }

  const sweep = () => services.sandbox.sweep((ids) => existingProjects(services.db, ids))

  const sleepIdle = async () => {
    for (const app of await idleApps(services, fleet.apps, idleMs)) await fleet.stop(app)
  }

  const refresh = async (projectId: string) => {
    const app = fleet.get(draftOf(projectId))
    if (app === undefined || !app.ready || app.ending !== null) return
    if ((await fingerprint(workspaceRoot(config, projectId))) === app.print) return
    await fleet.restart(app)
  }

  // Publishing and the end of a run both change the project: what runs follows, whoever caused it.
  const onProjectChanged = (stored: StoredEvent) => {
    const event = parseEvent(stored)
    if (event.type !== "project.changed") return
    const { id, liveSha, status } = event.project
    const draft = fleet.get(draftOf(id))
    // The end of a run is among what changes it: from then on nobody uses the draft.
    if (draft !== undefined) draft.usedAt = Date.now()
    const current = live.current(id)
    if (current !== undefined && liveSha !== null && current.target.ref !== liveSha) live.follow(id)
    if (status !== "working" && draft !== undefined) {
      inBackground(refresh(id), "the draft could not be restarted")
    }
  }

  async function exec(projectId: string, input: CommandInput): Promise<ExecResult> {
    const target = draftOf(projectId)
    const [root, dataDir] = [workspaceRoot(config, projectId), dataDirOf(config, target)]
    await mkdir(root, { recursive: true })
    // Only a container goes on running after its command.
    const leave = services.sandbox.mode === "docker" ? await fleet.enter(target) : () => {}
    const app = fleet.get(target)
    if (app) app.commands++
    try {
      const spec = await readAppSpec(root, "draft").catch(() => null)
      if (spec !== null) {
        // The command may be what mends a failing installation, so it runs all the same.
        const { signal } = input
        const preparing = services.sandbox.prepare(target, { root, dataDir, app: spec, onProgress: () => {}, signal })
        await preparing.catch(() => {})
      }
      const env = spec?.env ?? {}
      return await services.sandbox.exec(target, {
        ...input,
        root,
        dataDir,
        image: spec?.image ?? null,
        env,
        maxOutputBytes: commandOutputBytes,
      })
    } catch (error) {
      throw inAppWords(error)
    } finally {
      leave()
      if (app) {
        app.commands--
        app.usedAt = Date.now()
      } else inBackground(showDraft(target), "the draft could not be started after a command")
    }
  }

  /** The first command is also when people get to see something. Why that does not work yet is part of its state. */
  async function showDraft(target: AppTarget): Promise<void> {
    if (closing || states.of(target).state !== "absent") return
    const runs = await readAppSpec(workspaceRoot(config, target.projectId), "draft").then(
      () => true,
      () => false,
    )
    const project = runs ? await findAppProject(services.db, target.projectId) : null
    if (project?.slug) await fleet.open(target, project.slug).catch(() => {})
  }

  return {
    start: async () => {
      // What cannot be reached now is swept when it answers, and once a day.
      await sweep().catch((err: unknown) => services.log.warn({ err }, "left-overs could not be removed"))
      await states.load()
      sweepTimer = setInterval(() => inBackground(sweep(), "left-overs could not be removed"), dayMs)
      sweepTimer.unref()
      unsubscribe = services.hub.onProjectChanged(onProjectChanged)
      timer = setInterval(
        () => inBackground(sleepIdle(), "idle apps could not be put to sleep"),
        Math.min(Math.max(idleMs / 4, 50), 30_000),
      )
      timer.unref()
    },
    wake: async (project, kind, sha, again = false) => {
      if (kind === "live") return live.wake(project, again)
      if (kind === "draft") return fleet.open(draftOf(project.id), project.slug, again)
      const ref = sha === null ? null : await services.repository.resolve(project.id, sha)
      if (ref === null) throw new AppError("not_found")
      return fleet.open({ projectId: project.id, kind, ref }, project.slug, again)
    },
    touch: ({ projectId, kind, ref }) => {
      const app = fleet.get(targetOf(projectId, kind, ref))
      if (app) app.usedAt = Date.now()
    },
    stop: async (projectId, kind, sha) => {
      const matching = fleet.apps.filter(
        ({ target }) =>
          target.projectId === projectId &&
          target.kind === kind &&
          (kind !== "version" || target.ref.startsWith(sha ?? "")),
      )
      await Promise.all(matching.map((app) => fleet.stop(app)))
    },
    running: () =>
      fleet.apps
        .filter((app) => app.ownerId !== null && app.ending === null)
        .sort((a, b) => b.usedAt - a.usedAt)
        .map(({ target, ready, readyAt, usedAt }) => ({
          target,
          state: ready ? ("ready" as const) : ("starting" as const),
          since: new Date(readyAt),
          usedAt: new Date(usedAt),
        })),
    stateOf: (projectId, kind, sha) => states.of(targetOf(projectId, kind, sha)),
    liveEndpoint: (projectId) => {
      const current = live.current(projectId)
      return current === undefined ? null : services.sandbox.endpoint(current.target)
    },
    prepareLive: (projectId) => live.follow(projectId),
    refreshDraft: (projectId) => inBackground(refresh(projectId), "the draft could not be restarted"),
    exec,
    log: (projectId, kind, sha) => services.sandbox.log(targetOf(projectId, kind, sha)),
    removeProject: async (projectId) => {
      const own = fleet.apps.filter(({ target }) => target.projectId === projectId)
      for (const app of own) app.quiet = true
      await Promise.all(own.map((app) => fleet.stop(app)))
      await services.sandbox.removeProject(projectId)
      states.forget(projectId)
    },
    close: async () => {
      closing = true
      unsubscribe()
      clearInterval(timer)
      clearInterval(sweepTimer)
      const following = live.close()
      await fleet.close()
      await Promise.all([following, ...background])
    },
  }
}
