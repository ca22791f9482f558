import type { Lines } from "../../../lib/lines.ts"
import { onAbort } from "../../../lib/on-abort.ts"
import { left, type PipelineEvent, type PipelineInput } from "../port.ts"
import { deliver, type Delivered } from "./deliver.ts"
import { followPipeline } from "./follow.ts"
import { paceOf } from "./pace.ts"
import { GaveUp, patiently } from "./patience.ts"
import { withImage } from "./image.ts"
import { telling } from "./telling.ts"
import type { Tools } from "./tools.ts"

type End = Extract<PipelineEvent, { type: "finished" }>
const failed = (error: string): End => ({ type: "finished", status: "failed", error })
const canceled: End = { type: "finished", status: "canceled", error: null }
const faultWords = "The checks could not be run: something went wrong on our side"

/** Brings a version to GitLab and tells of its pipeline, to the one end that there is. */
export async function* runAtGitLab(
  tools: Tools,
  lines: Lines,
  input: PipelineInput,
  signal: AbortSignal,
): AsyncGenerator<PipelineEvent> {
  const away = new AbortController()
  const both = AbortSignal.any([signal, away.signal])
  const follower = tools.news.follow(input.projectId)
  let pushing = false
  try {
    const delivered = yield* telling<PipelineEvent, Delivered>((tell) =>
      inLine(lines, input.projectId, both, () =>
        patiently(
          {
            signal: both,
            timing: tools.timing.patience,
            hint: () => follower.next(),
            waiting: (words) => tell({ type: "waiting", words }),
          },
          () => deliver(tools, { ...input, pushing: () => (pushing = true) }, both),
        ),
      ),
    )
    if (delivered.type === "moved") yield delivered
    else if (delivered.type === "gone") yield canceled
    else yield* follow(delivered)
  } catch (error) {
    if (both.aborted) {
      if (both.reason !== left) yield* cancelPushed()
    } else if (error instanceof GaveUp) yield failed(error.message)
    else {
      tools.log.error(
        { err: error, projectId: input.projectId, buildId: input.buildId },
        "a version could not be checked",
      )
      yield failed(faultWords)
    }
  } finally {
    // Also when the reader walks away in the middle.
    away.abort(left)
    follower.leave()
  }

  /** Whether the push was done nobody knows: a pipeline that came of it is not wanted any more. */
  async function* cancelPushed(): AsyncGenerator<PipelineEvent> {
    const link = pushing ? await tools.links.find(input.projectId) : null
    if (link === null) yield canceled
    else yield* follow({ type: "delivered", link, branch: link.branch })
  }

  async function* follow({ link, branch }: Extract<Delivered, { type: "delivered" }>): AsyncGenerator<PipelineEvent> {
    const { keep, play, sha } = input
    const followed = followPipeline(tools.client, {
      remoteId: link.remoteId,
      sha,
      ref: branch,
      ...(input.attempt === "again" ? { again: { keep, play } } : {}),
      hint: () => follower.next(),
      pace: (timing) => paceOf(timing, { ...follower, followed: tools.news.count, perMinute: tools.perMinute }),
      signal: both,
      timing: tools.timing.follow,
    })
    const image = link.images === null ? null : `${link.images}:${sha}`
    for await (const event of withImage(followed, image)) {
      if (event.type === "pipeline") follower.pipeline = event.number
      yield event
    }
  }
}

/** In the order in which they began, so that the newest version comes last. Who is not wanted any more does not wait. */
async function inLine<T>(lines: Lines, key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const turn = lines.wait(key, async () => {
    signal.throwIfAborted()
    return work()
  })
  turn.catch(() => {})
  let take = () => {}
  const aborted = new Promise<never>((_, reject) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the signal's own reason
    take = onAbort(signal, () => reject(signal.reason))
  })
  try {
    return await Promise.race([turn, aborted])
  } finally {
    take()
  }
}
