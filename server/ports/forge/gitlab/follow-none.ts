import type { PipelineEvent } from "../port.ts"
import type { GitLabClient } from "./client.ts"
import type { FollowInput, FollowTiming } from "./follow-input.ts"
import { noPipelineWords } from "./follow-words.ts"

export type End = Extract<PipelineEvent, { type: "finished" }>

/** Nobody follows it any more, or what was not wanted any more is gone. */
export const gone: End = { type: "finished", status: "canceled", error: null }

export const failed = (error: string): End => ({ type: "finished", status: "failed", error })

const passed: End = {
  type: "finished",
  status: "canceled",
  error: "A newer version was delivered together with it, and its checks decide",
}

/**
 * The end of a version that GitLab has no pipeline of; null while one may come yet. GitLab makes one only of what a branch
 * is pushed to, and none of the commits on the way there.
 */
export async function withoutPipeline(
  client: GitLabClient,
  input: FollowInput,
  timing: FollowTiming,
  waitedMs: number,
  signal: AbortSignal,
): Promise<End | null> {
  const over = waitedMs > timing.pipelineMs
  const due = over || (input.passed === true && waitedMs > timing.passedMs)
  if (due && (await input.goneOn?.()) === true) return passed
  return over ? failed(await noPipelineWords(client, input.remoteId, input.sha, signal)) : null
}
