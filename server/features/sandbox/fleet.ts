import { errors } from "../../../shared/errors.ts"
import type { SandboxCause } from "../../../shared/sandbox.ts"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import { type EndCause, type Endpoint, SandboxError, type StartInput } from "../../ports/sandbox/port.ts"
import { type App, newApp } from "./app.ts"
import { readAppSpec } from "./devcontainer.ts"
import { fingerprint } from "./fingerprint.ts"
import type { PushedApps } from "./from-image.ts"
import { inAppWords } from "./in-app-words.ts"
import { makeRoom } from "./make-room.ts"
import { sourceOf } from "./source.ts"
import type { States } from "./states.ts"
import { type AppTarget, keyOf } from "./target.ts"

/** An app that failed is not tried again for each file of a page: only after this, or when its files changed. */
const restMs = 5_000
/** The container of a command stays so long for the next one. */
const guestMs = 60_000

interface Hooks extends Pick<StartInput, "onExit" | "signal"> {
  onProgress: (words: string | null) => void
}

interface Failure {
  error: AppError
  at: number
  print: string
}

/** All apps at work: one start at a time per target, one end, and what is said about both. */
export class Fleet {
  readonly #apps = new Map<string, App>()
  /** Commands without an app: their containers take places, too. */
  readonly #guests = new Map<string, App>()
  readonly #failures = new Map<string, Failure>()
  #closed = false

  constructor(
    private readonly services: Services,
    private readonly states: States,
    private readonly pushed: PushedApps,
  ) {}

  get apps(): App[] {
    return [...this.#apps.values()]
  }

  /** All that has a place: of apps and commands in one container only the app. */
  get placed(): App[] {
    const guests = [...this.#guests].filter(([key]) => !this.#apps.has(key))
    return [...this.#apps.values(), ...guests.map(([, guest]) => guest)]
  }

  /**
   * A place for a command that runs without an app beside it, given back by the returned function a while after.
   * Throws `limit_containers`.
   */
  async enter(target: AppTarget): Promise<() => void> {
    const key = keyOf(target)
    if (this.#apps.has(key)) return () => {}
    const known = this.#guests.get(key)
    const guest = known ?? newApp(target, null, true, Promise.reject(new AppError("sandbox_failed")))
    guest.started.catch(() => {})
    this.#guests.set(key, guest)
    guest.commands++
    const leave = () => {
      guest.commands--
      const timer = setTimeout(() => guest.commands === 0 && this.#guests.delete(key), guestMs)
      timer.unref()
    }
    if (known !== undefined) return leave
    try {
      await makeRoom(this.services, this.#room, guest)
      return leave
    } catch (error) {
      this.#guests.delete(key)
      throw error
    }
  }

  readonly #room = {
    all: (): App[] => this.placed,
    stop: (app: App, reason: string): Promise<void> => this.stop(app, reason),
  }

  get(target: AppTarget): App | undefined {
    return this.#apps.get(keyOf(target))
  }

  /** Starts the app, joins its start, or says where it is. `again` forgets that it failed a moment ago. */
  async open(target: AppTarget, slug: string | null, again = false): Promise<Endpoint> {
    if (again) this.#failures.delete(keyOf(target))
    for (;;) {
      const app = this.get(target)
      if (app === undefined) {
        const failure = this.#failures.get(keyOf(target))
        if (failure !== undefined && (await this.#stillTrue(target, failure))) throw failure.error
        if (this.get(target) === undefined) return this.launch(target, slug).started
      } else if (app.ending === null) {
        app.usedAt = Date.now()
        return app.started
      } else await app.ending
    }
  }

  /** Starts what is not there. A quiet one counts for nobody and tells nothing. */
  launch(target: AppTarget, slug: string | null, quiet = false, ownerId: string | null = null): App {
    const { promise, resolve, reject } = Promise.withResolvers<Endpoint>()
    // Whoever waits hears of it; perhaps nobody does.
    promise.catch(() => {})
    const app = { ...newApp(target, slug, quiet, promise), ownerId }
    this.#apps.set(keyOf(target), app)
    this.#start(app).then(resolve, async (error: unknown) => reject(await this.#failed(app, error)))
    return app
  }

  /** Ends the app and all it started. */
  stop(app: App, reason: string | null = null): Promise<void> {
    app.ending ??= (async () => {
      await this.#end(app)
      this.#drop(app)
      if (!app.quiet) await this.states.tell(app.target, app.slug, "asleep", reason)
    })()
    return app.ending
  }

  /** Ends the app and starts it anew in its own place, which nobody can take in between. */
  async restart(app: App): Promise<void> {
    app.ending ??= (async () => {
      await this.#end(app)
      const stays = this.get(app.target) === app && !this.#closed
      this.#drop(app)
      if (stays) this.launch(app.target, app.slug, app.quiet, app.ownerId)
    })()
    await app.ending
    await this.get(app.target)?.started
  }

  async #end(app: App): Promise<void> {
    app.abort.abort(new AppError("sandbox_failed", "It was stopped while it started."))
    await app.started.catch(() => {})
    await this.services.sandbox.stop(app.target)
  }

  /** From here on nothing starts; resolves when all has ended. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.apps.map((app) => this.stop(app)))
  }

  async #start(app: App): Promise<Endpoint> {
    const { target, slug, abort } = app
    if (this.#closed) throw new AppError("unavailable")
    if (!app.quiet && app.ownerId === null) await makeRoom(this.services, this.#room, app)
    const hooks = {
      onProgress: (words: string | null) => app.quiet || void this.states.tell(target, slug, "starting", words),
      onExit: (reason: string, because: EndCause) => this.#died(app, reason, because),
      signal: abort.signal,
    }
    const begun = await this.pushed.start(target, hooks)
    app.note = "why" in begun ? begun.why : null
    const endpoint = "endpoint" in begun ? begun.endpoint : await this.#startFiles(app, hooks)
    if (app.diedOf !== null) throw new SandboxError(app.diedOf, this.services.sandbox.log(target))
    app.ready = true
    app.usedAt = app.readyAt = Date.now()
    if (!app.quiet && app.ending === null) await this.states.tell(target, slug, "ready", app.note)
    return endpoint
  }

  async #startFiles(app: App, hooks: Hooks): Promise<Endpoint> {
    const { target } = app
    const { root, dataDir } = await sourceOf(this.services, target)
    hooks.signal.throwIfAborted()
    hooks.onProgress(null)
    app.print = await fingerprint(root)
    const spec = await readAppSpec(root, target.kind === "draft" ? "draft" : "release")
    return this.services.sandbox.start(target, { ...hooks, root, dataDir, app: spec })
  }

  /** What is said to whoever waits for it. */
  async #failed(app: App, error: unknown): Promise<AppError> {
    const words = inAppWords(error)
    // Being ended: that tells what became of it.
    if (app.ending !== null) return words
    this.#drop(app)
    if (words.kind === "internal") this.services.log.error({ err: error, ...app.target }, "an app could not be started")
    if (words.kind === "unavailable") return words
    // No room is not the app's fault, and it has not failed; whoever waits for it still has to hear why.
    if (words.kind === "limit_containers") {
      const state = this.states.of(app.target).state === "absent" ? "absent" : "asleep"
      if (!app.quiet) await this.states.tell(app.target, app.slug, state, errors.limit_containers.words, "limit")
      return words
    }
    const cause = causeOf(error)
    // What runs apps may be back at any moment, and nothing of the app has to change for that.
    if (cause === "app") this.#failures.set(keyOf(app.target), { error: words, at: Date.now(), print: app.print })
    if (!app.quiet) await this.states.tell(app.target, app.slug, "failed", words.detail, cause)
    return words
  }

  #died(app: App, reason: string, because: EndCause): void {
    app.diedOf = reason
    // Before it was ready the start tells; while it is ended the end does.
    if (!app.ready || app.ending !== null) return
    this.#drop(app)
    const error = new AppError("sandbox_failed", reason)
    // One that worked for a while gets up again at the next request; one that did not would do the same again.
    if (because === "app" && Date.now() - app.readyAt < restMs) {
      this.#failures.set(keyOf(app.target), { error, at: Date.now(), print: app.print })
    }
    if (!app.quiet) void this.states.tell(app.target, app.slug, "failed", reason, because)
  }

  async #stillTrue(target: AppTarget, failure: Failure): Promise<boolean> {
    const rested = Date.now() - failure.at > restMs
    const same = !rested && (target.kind !== "draft" || (await this.#printOf(target)) === failure.print)
    if (!same) this.#failures.delete(keyOf(target))
    return same
  }

  async #printOf(target: AppTarget): Promise<string> {
    return sourceOf(this.services, target).then(
      ({ root }) => fingerprint(root),
      () => "",
    )
  }

  #drop(app: App): void {
    if (this.get(app.target) === app) this.#apps.delete(keyOf(app.target))
  }
}

/** What runs apps being away or full is nothing that a change of the app would mend. */
function causeOf(error: unknown): SandboxCause {
  if (error instanceof SandboxError && error.kind === "disk") return "disk"
  if (error instanceof SandboxError) return error.kind === "unavailable" ? "engine" : "app"
  return error instanceof AppError && error.kind !== "internal" ? "app" : "engine"
}
