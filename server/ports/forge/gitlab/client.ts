import { AsyncLocalStorage } from "node:async_hooks"
import { Gitlab } from "@gitbeaker/rest"
import type { z } from "zod"
import { requesterOf } from "./client-requester.ts"
import { send, type TransportOptions } from "./client-transport.ts"
import { unexpected } from "./errors.ts"
import { RequestLimiter } from "./limits.ts"

export type GitLabApi = InstanceType<typeof Gitlab<false>>

export interface GitLabClientOptions {
  /** Without `/api/v4`; may have a path. */
  url: string
  token: string
  timeoutMs?: number
  /** Requests a minute, all projects together; GitLab allows 400 of its strictest kind that is asked here. */
  perMinute?: number
  retries?: number
  pauseMs?: number
  longestPauseMs?: number
}

/** GitLab's API. Every call throws `GitLabError`, or the signal's reason when it was aborted. */
export interface GitLabClient {
  readonly url: string
  /**
   * One call, e.g. `ask(pipelineShape, (api) => api.Pipelines.show(1, 2), signal)`. Its answer has `shape`. Reads
   * are tried again by themselves, writes never. Lists need `maxPages` and `perPage`, else all pages come.
   */
  ask<T>(shape: z.ZodType<T>, call: (api: GitLabApi) => Promise<unknown>, signal?: AbortSignal): Promise<T>
  /**
   * The bytes of an answer as they come: logs, artifacts, files. `path` is below `/api/v4/`. The time limit is for
   * its start only.
   */
  open(path: string, signal?: AbortSignal): Promise<Response>
}

/** Connects nothing yet: the first call does. */
export function createGitLabClient(options: GitLabClientOptions): GitLabClient {
  const url = options.url.replace(/\/+$/, "")
  const transport: TransportOptions = {
    token: options.token,
    timeoutMs: options.timeoutMs ?? 20_000,
    retries: options.retries ?? 3,
    pauseMs: options.pauseMs ?? 300,
    longestPauseMs: options.longestPauseMs ?? 15_000,
    limiter: new RequestLimiter(options.perMinute ?? 240),
  }
  // gitbeaker has no way to hand a signal through, so it goes along beside the call.
  const signals = new AsyncLocalStorage<AbortSignal | undefined>()
  const requesterFn = requesterOf(transport, () => signals.getStore())
  const api = new Gitlab({ host: url, oauthToken: options.token, queryTimeout: null, requesterFn })

  return {
    url,
    async ask(shape, call, signal) {
      signal?.throwIfAborted()
      const answer = await signals.run(signal, () => call(api))
      const read = shape.safeParse(answer)
      if (read.success) return read.data
      const [issue] = read.error.issues
      throw unexpected(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not as expected"}`)
    },
    open(path, signal) {
      const address = new URL(`${url}/api/v4/${path.replace(/^\/+/, "")}`)
      return send(transport, { url: address, method: "GET", signal, elsewhere: true }, (response) =>
        Promise.resolve(response),
      )
    },
  }
}
