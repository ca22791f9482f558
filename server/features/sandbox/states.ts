import type { Sandbox, SandboxCause, SandboxState } from "../../../shared/sandbox.ts"
import type { Services } from "../../context.ts"
import { appendEvents } from "../event/append.ts"
import { inTransaction } from "../event/transaction.ts"
import { listStates, saveState, type StateRow } from "./store.ts"
import { addressOf, type AppTarget } from "./target.ts"

// A project has one live app, whatever its commit; each version is a thing of its own.
const keyOf = ({ projectId, kind, ref }: AppTarget) => `${projectId}/${kind}/${kind === "version" ? ref : ""}`

/** The state of every app as people see it: known at once, written down and told in order. */
export class States {
  readonly #known = new Map<string, StateRow>()
  readonly #writing = new Map<string, Promise<void>>()

  constructor(private readonly services: Services) {}

  /** Reads what an earlier server left; whatever ran then sleeps now. */
  async load(): Promise<void> {
    for (const row of await listStates(this.services.db)) {
      this.#known.set(keyOf(row.target), row)
      if (row.state === "starting" || row.state === "ready") await this.tell(row.target, row.slug, "asleep")
    }
  }

  of(target: AppTarget): Sandbox {
    const known = this.#known.get(keyOf(target))
    return known === undefined
      ? this.#view({ target, slug: null, state: "absent", reason: null, cause: null })
      : this.#view(known)
  }

  /** Resolves when it is stored. A state that cannot be stored is logged: the app runs all the same. */
  tell(
    target: AppTarget,
    slug: string | null,
    state: SandboxState,
    reason: string | null = null,
    cause: SandboxCause | null = null,
  ): Promise<void> {
    const { projectId } = target
    const row: StateRow = { target, slug, state, reason, cause }
    const before = this.#known.get(keyOf(target))
    this.#known.set(keyOf(target), row)
    const last = this.#writing.get(projectId) ?? Promise.resolve()
    const same = before?.state === state && before.reason === reason && before.cause === cause
    if (same && before.target.ref === target.ref) return last
    const writing = last
      .then(() => this.#write(row))
      .finally(() => {
        if (this.#writing.get(projectId) === writing) this.#writing.delete(projectId)
      })
    this.#writing.set(projectId, writing)
    return writing
  }

  /** The project is removed: there is nothing left to tell. */
  forget(projectId: string): void {
    for (const [key, { target }] of this.#known) if (target.projectId === projectId) this.#known.delete(key)
  }

  async #write(row: StateRow): Promise<void> {
    const { kind, state, url, sha, reason, cause } = this.#view(row)
    const why = { ...(reason === null ? {} : { reason }), ...(cause === null ? {} : { cause }) }
    const news = { type: "sandbox.changed", kind, state, url, sha, ...why } as const
    try {
      await inTransaction(this.services, async (tx) => {
        if (await saveState(tx, row)) appendEvents(tx, row.target.projectId, [news])
      })
    } catch (err) {
      this.services.log.error({ err, ...row.target }, "the state of a workspace could not be written down")
    }
  }

  #view({ target, slug, state, reason, cause }: StateRow): Sandbox {
    const { kind, ref } = target
    const url = addressOf(this.services.config, slug, target)
    return { kind, state, url, sha: ref === "" ? null : ref, reason, cause }
  }
}
