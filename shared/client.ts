import {
  createTRPCClient,
  httpLink,
  httpSubscriptionLink,
  retryLink,
  splitLink,
  TRPCClientError,
  type TRPCClient,
} from "@trpc/client"
import { EventSource } from "eventsource"
import type { AppRouter } from "../server/trpc/router.ts"
import { type Build, finishedStatuses } from "./build.ts"
import type { ProjectEvent } from "./events.ts"
import type { Message } from "./message.ts"
import type { RunError, RunOutcome } from "./run.ts"
import type { Version } from "./version.ts"

export interface GoChatOptions {
  /** Address of the server, e.g. `http://gochat.localhost:3000`. */
  url: string
  /** A key from Settings → API keys. */
  apiKey?: string
  /** Or the cookie header of a signed-in session; changes then name the server's own address as their origin. */
  cookie?: string
}

export interface BuildOptions {
  signal?: AbortSignal
  /** Called with each event of the project until the app is built. */
  onEvent?: (event: ProjectEvent) => void
}

export interface BuildResult {
  /** What the AI answered. */
  message: Message
  /** As it is after its checks; null when the answer changed no file, e.g. because it asks something. */
  version: Version | null
  /** The checks of that version. */
  checks: Build | null
  draftUrl: string | null
  /** Where the newest green version is served; null when there is none yet. */
  liveUrl: string | null
}

/** The reply to a wish did not come to its end. */
export class RunFailed extends Error {
  override readonly name = "RunFailed"

  constructor(
    readonly outcome: RunOutcome,
    readonly error: RunError | null,
  ) {
    super(error?.words ?? `the reply was ${outcome}`)
  }
}

/** The whole router, a `watch` that survives cut connections, and `build` from a wish to a link. */
export type GoChatClient = Omit<TRPCClient<AppRouter>, "build"> & {
  /** Events of a project from after `lastEventId`, each once and in order, over any number of reconnects. */
  watch(projectId: string, options?: { lastEventId?: string; signal?: AbortSignal }): AsyncIterable<ProjectEvent>
  build: TRPCClient<AppRouter>["build"] & {
    /** Sends a wish and waits for the version and its checks. Throws `RunFailed`. */
    (projectId: string, wish: string, options?: BuildOptions): Promise<BuildResult>
  }
}

/** Errors after which asking again cannot help. */
const finalCodes = new Set(["UNAUTHORIZED", "FORBIDDEN", "BAD_REQUEST", "NOT_FOUND"])

/** A typed client for other programs: `createGoChatClient({ url, apiKey })`. */
export function createGoChatClient(options: GoChatOptions): GoChatClient {
  const headers = credentials(options)
  const url = new URL("/trpc", options.url).href
  const trpc = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === "subscription",
        true: [
          retryLink({
            retry: ({ error }) => !finalCodes.has(error.data?.code ?? ""),
            retryDelayMs: (attempt) => Math.min(200 * attempt, 5000) * (0.5 + Math.random()),
          }),
          httpSubscriptionLink({
            url,
            EventSource,
            eventSourceOptions: {
              fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
            },
          }),
        ],
        false: httpLink({ url, headers }),
      }),
    ],
  })
  const watch: GoChatClient["watch"] = (projectId, from) => watchProject(trpc, projectId, from)
  const build = (projectId: string, wish: string, how?: BuildOptions) => buildWish(trpc, projectId, wish, how)
  return new Proxy(trpc, {
    get(target, key) {
      if (key === "watch") return watch
      if (key === "build") return callable(target.build, build)
      return Reflect.get(target, key)
    },
  }) as unknown as GoChatClient
}

function credentials({ url, apiKey, cookie }: GoChatOptions): Record<string, string> {
  if (apiKey !== undefined) return { "x-api-key": apiKey }
  return cookie === undefined ? {} : { cookie, origin: new URL(url).origin }
}

/** `client.build(…)` is the short way, `client.build.list.query(…)` the router's. */
function callable<F extends (...args: never[]) => unknown>(router: object, call: F) {
  return new Proxy(call, { get: (_, key) => Reflect.get(router, key) })
}

async function* watchProject(
  trpc: TRPCClient<AppRouter>,
  projectId: string,
  { lastEventId, signal }: { lastEventId?: string; signal?: AbortSignal } = {},
): AsyncGenerator<ProjectEvent, void> {
  const arrived: ProjectEvent[] = []
  let failure: unknown = null
  let over = false
  let wake = () => {}
  const end = (error: unknown = null) => {
    failure = error
    over = true
    wake()
  }
  const subscription = trpc.event.watch.subscribe(
    { projectId, lastEventId },
    {
      signal,
      onData: ({ data }) => {
        arrived.push(data)
        wake()
      },
      onError: end,
      onComplete: () => end(),
      onStopped: () => end(),
    },
  )
  const onAbort = () => end()
  signal?.addEventListener("abort", onAbort, { once: true })
  try {
    let seen = Number(lastEventId ?? -1)
    for (;;) {
      for (let event = arrived.shift(); event !== undefined; event = arrived.shift()) {
        // A cut connection may repeat the last ones.
        if (event.type !== "stream.reset" && event.seq <= seen) continue
        seen = event.seq
        yield event
      }
      if (over) break
      await new Promise<void>((resolve) => {
        wake = resolve
        if (arrived.length > 0 || over) resolve()
      })
    }
    if (failure !== null) throw failure
  } finally {
    signal?.removeEventListener("abort", onAbort)
    subscription.unsubscribe()
  }
}

async function buildWish(
  trpc: TRPCClient<AppRouter>,
  projectId: string,
  wish: string,
  { signal, onEvent }: BuildOptions = {},
): Promise<BuildResult> {
  const { seq } = await trpc.chat.history.query({ projectId, limit: 1 }, { signal })
  const { runId } = await trpc.chat.send.mutate({ projectId, content: wish }, { signal })
  let message: Message | null = null
  let version: Version | null = null
  let checks: Build | null = null
  let switched = false
  for await (const event of watchProject(trpc, projectId, { lastEventId: String(seq), signal })) {
    onEvent?.(event)
    if (event.type === "message.completed" && event.message.runId === runId) message = event.message
    if (event.type === "version.created" && event.version.runId === runId) version = event.version
    if (event.type === "build.changed" && event.build.runId === runId) checks = event.build
    if (event.type === "run.finished" && event.runId === runId) {
      if (event.outcome !== "completed") throw new RunFailed(event.outcome, event.error ?? null)
      if (version === null) break
    }
    if (event.type === "sandbox.changed" && event.kind === "live" && version !== null)
      switched = event.sha === version.sha
    if (message === null || checks === null || !finishedStatuses.includes(checks.status)) continue
    // The version before serves until the new one answers.
    if (switched || !(await oldOneServes(trpc, projectId, version, signal))) break
  }
  signal?.throwIfAborted()
  if (message === null) throw new RunFailed("failed", null)
  const { draftUrl, liveUrl, liveSha } = await trpc.project.get.query({ projectId }, { signal })
  return { message, version: version && settled(version, checks, liveSha), checks, draftUrl, liveUrl }
}

/** The version was told when it was made, before its checks. */
const settled = (version: Version, checks: Build | null, liveSha: string | null): Version => ({
  ...version,
  buildStatus: checks?.status ?? version.buildStatus,
  live: version.sha === liveSha,
})

/** Whether the live address still shows another version although this one is to be live. */
async function oldOneServes(
  trpc: TRPCClient<AppRouter>,
  projectId: string,
  version: Version | null,
  signal?: AbortSignal,
) {
  const project = await trpc.project.get.query({ projectId }, { signal })
  if (version === null || project.liveSha !== version.sha) return false
  const live = await trpc.sandbox.get.query({ projectId, kind: "live" }, { signal })
  // A reason beside a running app says that the new one did not start.
  return live.state === "ready" && live.sha !== version.sha && live.reason === null
}

export { TRPCClientError }
