import type { Hook, World } from "../world.ts"
import { alertStatus, countOutcome } from "./auto-disable.ts"
import { deliver, type Delivery, type HookEvent, type PendingDelivery } from "./delivery.ts"

/** What becomes of a delivery: nothing, twice, or later. */
export type Fate = "send" | "drop" | "duplicate" | { lateMs: number }
export type Order = "as they came" | "reversed" | "shuffled" | ((held: PendingDelivery[]) => PendingDelivery[])

const flags: Record<HookEvent, string> = {
  push: "push_events",
  pipeline: "pipeline_events",
  build: "job_events",
  merge_request: "merge_requests_events",
}
/** As many workers send at once. */
const workers = 25

/** Sends hooks in the background, as well or badly as a test wants. */
export class HookCenter {
  /** Everything that was sent, in the order in which it ended. */
  readonly deliveries: Delivery[] = []
  readonly held: PendingDelivery[] = []
  /** How long a receiver has. */
  timeoutMs = 10_000
  /** Decides about each delivery; a test may set it. */
  fate: (delivery: PendingDelivery, number: number) => Fate = () => "send"
  #holding = false
  #count = 0
  #busy = 0
  readonly #queue: (() => Promise<void>)[] = []
  readonly #bodies = new WeakMap<PendingDelivery, Promise<string>>()

  constructor(private readonly world: () => World) {}

  /** Keeps deliveries back until `release`. */
  hold(): void {
    this.#holding = true
  }

  /** Sends what was held, all at once, and holds no more. */
  async release(order: Order = "as they came"): Promise<void> {
    this.#holding = false
    const held = ordered(this.held.splice(0), order)
    await Promise.all(held.map((pending) => this.#send(pending)))
  }

  /** The next deliveries have this fate, then all is as before. */
  next(times: number, fate: Fate): void {
    const before = this.fate
    let left = times
    this.fate = (delivery, number) => {
      if (left-- > 0) return fate
      this.fate = before
      return before(delivery, number)
    }
  }

  /** Nothing is under way. */
  get quiet(): boolean {
    return this.#busy === 0 && this.#queue.length === 0
  }

  /** An event of a project: a delivery for each hook that wants it. */
  emit(projectId: number, event: HookEvent, body: PendingDelivery["body"], branch?: string): void {
    for (const hook of this.world().hooks.values()) {
      if (hook.projectId !== projectId || hook.events[flags[event]] !== true) continue
      if (event === "push" && !branchWanted(hook, branch ?? "")) continue
      this.queue({ hookId: hook.id, projectId, event, key: crypto.randomUUID(), body })
    }
  }

  queue(pending: PendingDelivery): void {
    const fate = this.fate(pending, this.#count++)
    if (fate === "drop") return
    if (typeof fate === "object") return this.world().later(() => this.#send(pending), fate.lateMs)
    for (const copy of fate === "duplicate" ? [pending, pending] : [pending]) {
      if (this.#holding) this.held.push(copy)
      else void this.#send(copy)
    }
  }

  /** Sends again what was sent, under its key; a body that is given is sent as it is. */
  async resend(delivery: Delivery): Promise<Delivery | null> {
    const hook = this.world().hooks.get(delivery.hookId)
    if (hook === undefined) return null
    return this.#attempt(hook, { ...delivery, body: () => ({}) }, delivery.body)
  }

  /** One delivery outside the queue, also to a hook that is switched off. */
  async test(hook: Hook, pending: PendingDelivery): Promise<Delivery | null> {
    return this.#attempt(hook, pending, JSON.stringify(await pending.body()))
  }

  async #attempt(hook: Hook, pending: PendingDelivery, body: string): Promise<Delivery | null> {
    const delivery = await deliver(this.world(), hook, pending, body, this.timeoutMs)
    if (delivery === null) return null
    this.deliveries.push(delivery)
    countOutcome(this.world(), hook, delivery.status !== null && delivery.status < 400)
    return delivery
  }

  #send(pending: PendingDelivery): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push(async () => {
        const hook = this.world().hooks.get(pending.hookId)
        if (hook !== undefined && alertStatus(hook) === "executable") {
          await this.#attempt(hook, pending, await this.#bodyOf(pending))
        }
        resolve()
      })
      this.#work()
    })
  }

  #bodyOf(pending: PendingDelivery): Promise<string> {
    const known = this.#bodies.get(pending)
    if (known !== undefined) return known
    const made = Promise.resolve(pending.body()).then((body) => JSON.stringify(body))
    this.#bodies.set(pending, made)
    return made
  }

  #work(): void {
    while (this.#busy < workers) {
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#busy++
      void next().finally(() => {
        this.#busy--
        this.#work()
      })
    }
  }
}

function branchWanted(hook: Hook, branch: string): boolean {
  const filter = hook.pushBranchFilter ?? ""
  if (filter === "" || hook.branchStrategy === "all_branches") return true
  if (hook.branchStrategy === "regex") return new RegExp(filter).test(branch)
  return new Bun.Glob(filter).match(branch)
}

function ordered(held: PendingDelivery[], order: Order): PendingDelivery[] {
  if (typeof order === "function") return order(held)
  if (order === "reversed") return held.toReversed()
  if (order === "as they came") return held
  return held.map((delivery) => ({ delivery, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ delivery }) => delivery) // prettier-ignore
}
