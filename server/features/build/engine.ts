import { type Services, systemCtx } from "../../context.ts"
import { bringIn } from "../forge/bring-in.ts"
import { conflictWords } from "../forge/conflict-words.ts"
import { holdProject } from "../chat/hold-project.ts"
import { inTransaction } from "../event/transaction.ts"
import { RemoteGitError } from "../../ports/repository/remote-git-error.ts"
import type { Builds } from "./builds.ts"
import { endBuild } from "./end.ts"
import { BuildRun } from "./run-build.ts"
import { type BuildRow, endedAmong, findBuild, openBuilds, unfinishedBuilds } from "./store.ts"

/** After a fault of ours a build is tried again, so often. */
const triesMost = 3

/** The engine behind `build.*`. `retryMs`: the pause before what could not be done is tried again. */
export function createBuilds(services: Services, { retryMs = 3_000 } = {}): Builds {
  const active = new Map<string, { run: BuildRun; done: Promise<void> }>()
  const faults = new Map<string, number>()
  /** Builds that are left alone until the timer rings. */
  const resting = new Set<string>()
  let state: "waiting" | "open" | "closed" = "waiting"
  let looking: Promise<void> | null = null
  let again = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let unsubscribe = () => {}

  function kick(): void {
    if (state !== "open") return
    if (looking !== null) {
      again = true
      return
    }
    looking = look().finally(() => {
      looking = null
      if (!again) return
      again = false
      kick()
    })
  }

  function later(): void {
    timer ??= setTimeout(() => {
      timer = null
      resting.clear()
      kick()
    }, retryMs)
  }

  async function look(): Promise<void> {
    try {
      const { builds: most, ofProject } = services.forge.atOnce
      await cancelEnded()
      const waiting = await openBuilds(services.db)
      for (const open of waiting) {
        const { build } = open
        if (active.has(build.id) || resting.has(build.id)) continue
        const others = [...active.values()].filter(({ run }) => run.build.projectId === build.projectId)
        for (const { run } of others) if (run.interruptible) run.cancel("A newer version came while these checks ran")
        if (others.length >= ofProject || active.size >= most || closed()) continue
        const run = new BuildRun(services, open)
        active.set(build.id, { run, done: work(run) })
      }
    } catch (err) {
      services.log.error({ err }, "builds could not be looked up")
      later()
    }
  }

  /** What was ended in the database, by a newer version or a person, is not wanted any more. */
  async function cancelEnded(): Promise<void> {
    for (const id of await endedAmong(services.db, [...active.keys()])) active.get(id)?.run.cancel()
  }

  async function work(run: BuildRun): Promise<void> {
    const { id } = run.build
    try {
      if ((await run.run()) === "moved") await makeRoom(run.build)
      faults.delete(id)
    } catch (err) {
      await fault(run.build, err)
    } finally {
      active.delete(id)
      kick()
    }
  }

  /** The forge has commits of others: they come first, in a version that holds both. */
  async function makeRoom(build: BuildRow): Promise<void> {
    const brought = await bringIn(systemCtx(services), build.projectId).catch((err: unknown) => {
      if (!(err instanceof RemoteGitError)) throw err
      // No fault of ours: the next try tells of it, and waits.
      services.log.warn({ err, projectId: build.projectId }, "commits of others could not be brought in")
      return { type: "busy" as const }
    })
    if (brought.type === "brought") {
      const end = { status: "canceled", error: "Changes from GitLab came in, and the next version holds both" } as const
      await inTransaction(services, (tx) => endBuild(services, tx, build, end))
    } else if (brought.type === "conflict") {
      const end = { status: "failed", error: conflictWords(brought.paths) } as const
      await inTransaction(services, (tx) => endBuild(services, tx, build, end))
    } else {
      resting.add(build.id)
      later()
    }
  }

  async function fault(build: BuildRow, err: unknown): Promise<void> {
    const { id: buildId, projectId } = build
    // The project was removed meanwhile: there is nothing to write down and nobody to tell.
    const gone = await findBuild(services.db, projectId, buildId).then(
      (row) => row === null,
      () => false,
    )
    if (gone) return
    const tries = (faults.get(buildId) ?? 0) + 1
    faults.set(buildId, tries)
    services.log.error({ err, buildId, projectId, tries }, "a build could not be written down")
    if (tries >= triesMost) {
      const end = { status: "failed", error: "The checks could not be run: something went wrong on our side" } as const
      await inTransaction(services, (tx) => endBuild(services, tx, build, end)).catch(() => {})
    }
    resting.add(buildId)
    later()
  }

  const closed = () => state === "closed"

  async function cancel(build: { projectId: string; id: string }): Promise<void> {
    for (;;) {
      const running = active.get(build.id)
      if (running !== undefined) {
        running.run.cancel()
        await running.done
      }
      const ended = await inTransaction(services, async (tx) => {
        await holdProject(tx, build.projectId)
        // It may have been taken up before the lock; then it is ended like any that runs.
        if (active.has(build.id)) return false
        await endBuild(services, tx, build, { status: "canceled", error: null })
        return true
      })
      if (ended) return
    }
  }

  return {
    kick,
    cancel,
    start: async () => {
      state = "open"
      unsubscribe = services.hub.onProjectChanged(kick)
      kick()
      await looking
    },
    cancelProject: async (projectId) => {
      const ids = await unfinishedBuilds(services.db, projectId)
      await Promise.all(ids.map((id) => cancel({ projectId, id })))
    },
    close: async () => {
      state = "closed"
      unsubscribe()
      if (timer !== null) clearTimeout(timer)
      await looking
      for (const { run } of active.values()) run.abandon()
      await Promise.all([...active.values()].map(({ done }) => done))
    },
  }
}
