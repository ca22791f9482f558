import type { Endpoint } from "../../ports/sandbox/port.ts"
import type { AppTarget } from "./target.ts"

/** An app that starts, runs or ends. */
export interface App {
  readonly target: AppTarget
  readonly slug: string | null
  /** Settles once: where it listens, or why not. */
  readonly started: Promise<Endpoint>
  /** Calls the start off. */
  readonly abort: AbortController
  ready: boolean
  /** What people should know of how it runs. */
  note: string | null
  /** Why it ended by itself, when it did. */
  diedOf: string | null
  /** Set when it is being ended. */
  ending: Promise<void> | null
  /** Whose number of apps it counts for; null until there is room for it. */
  ownerId: string | null
  /** Not yet, or no longer, the one that people see: its states are not told. */
  quiet: boolean
  usedAt: number
  readyAt: number
  /** Commands at work beside it. */
  commands: number
  /** `fingerprint` of its files when it started. */
  print: string
}

export function newApp(target: AppTarget, slug: string | null, quiet: boolean, started: Promise<Endpoint>): App {
  const now = Date.now()
  return {
    target,
    slug,
    started,
    abort: new AbortController(),
    ready: false,
    note: null,
    diedOf: null,
    ending: null,
    ownerId: null,
    quiet,
    usedAt: now,
    readyAt: now,
    commands: 0,
    print: "",
  }
}
