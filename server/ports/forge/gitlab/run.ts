import { RemoteGitError } from "../../repository/remote-git-error.ts"
import { left, type PipelineEvent, type PipelineInput, type RemoteLink } from "../port.ts"
import { deliver, type Delivered } from "./deliver.ts"
import type { DeliveryLine } from "./delivery-line.ts"
import { failed, gone as canceled } from "./follow-none.ts"
import { followPipeline } from "./follow.ts"
import { paceOf } from "./pace.ts"
import { GaveUp, patiently } from "./patience.ts"
import { withImage } from "./image.ts"
import { telling } from "./telling.ts"
import { branchAt, type Tools } from "./tools.ts"

const faultWords = "The checks could not be run: something went wrong on our side"

/** Brings a version to GitLab and tells of its pipeline, to the one end that there is. */
export async function* runAtGitLab(
  tools: Tools,
  line: DeliveryLine,
  input: PipelineInput,
  signal: AbortSignal,
): AsyncGenerator<PipelineEvent> {
  const away = new AbortController()
  const both = AbortSignal.any([signal, away.signal])
  const follower = tools.news.follow(input.projectId)
  let pushing = false
  try {
    const delivered = yield* telling<PipelineEvent, Delivered>((tell) =>
      line.wait(
        input.projectId,
        both,
        (words) => tell({ type: "waiting", words }),
        (waiting) =>
          patiently({ signal: both, timing: tools.timing.patience, hint: () => follower.next(), waiting }, () =>
            deliver(tools, { ...input, pushing: () => (pushing = true) }, both),
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
    else yield* follow({ type: "delivered", link, branch: link.branch, passed: false })
  }

  async function* follow(delivered: Extract<Delivered, { type: "delivered" }>): AsyncGenerator<PipelineEvent> {
    const { link, branch, passed } = delivered
    const { keep, play, sha } = input
    const followed = followPipeline(tools.client, {
      remoteId: link.remoteId,
      sha,
      ref: branch,
      passed,
      goneOn: () => goneOn(tools, input, { link, branch }, both),
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

/** Does the branch hold what builds on this version? A branch that was merged and removed went on with the main one. */
async function goneOn(
  tools: Tools,
  { projectId, sha }: PipelineInput,
  { link, branch }: { link: RemoteLink; branch: string },
  signal: AbortSignal,
): Promise<boolean> {
  const fetch = (name: string) => tools.repository.fetch(projectId, branchAt(tools, link, name, signal))
  try {
    const head = (await fetch(branch)) ?? (branch === link.branch ? null : await fetch(link.branch))
    return head !== null && (await tools.repository.compare(projectId, sha, head)) === "behind"
  } catch (error) {
    if (error instanceof RemoteGitError) return false
    throw error
  }
}
