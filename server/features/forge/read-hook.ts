import { z } from "zod"
import { isDeep } from "./is-deep.ts"

/** What somebody else's message is believed about: that something may have changed, and where. */
export interface HookNews {
  event: "pipeline" | "build" | "push" | "merge_request"
  /** The forge's number of the project that it names. */
  remoteId: number | null
  pipeline: number | null
  branch: string | null
}

const number = z.int().positive()
/** Postgres keeps no NUL, and git has none in a name. */
const name = z
  .string()
  .max(1_000)
  .regex(/^[^\0]*$/)
const project = z.object({ id: number })

const shapes = {
  pipeline: z
    .object({ project, object_attributes: z.object({ id: number, ref: name.nullish() }) })
    .transform(({ project: { id }, object_attributes: { id: pipeline, ref } }) => ({ remoteId: id, pipeline, ref })),
  // The commit's id is the pipeline's; newer ones say so by its name, too.
  build: z
    .object({ project_id: number, pipeline_id: number.nullish(), commit: z.object({ id: number }).nullish(), ref: name.nullish() })
    .transform(({ project_id, pipeline_id, commit, ref }) => ({ remoteId: project_id, pipeline: pipeline_id ?? commit?.id, ref })),
  push: z
    .object({ project: project.nullish(), project_id: number.nullish(), ref: name.nullish() })
    .transform(({ project: by, project_id, ref }) => ({ remoteId: by?.id ?? project_id, pipeline: null, ref })),
  merge_request: z
    .object({ project, object_attributes: z.object({ target_branch: name.nullish() }).nullish() })
    .transform(({ project: { id }, object_attributes: by }) => ({ remoteId: id, pipeline: null, ref: by?.target_branch })),
} as const // prettier-ignore

/**
 * Reads a message of GitLab; `unknown` when it is of a kind that we have no use for, null when it is no JSON. Of a known
 * kind but without what it needs, it names no project, so it is nobody's.
 */
export function readHook(body: Uint8Array): HookNews | "unknown" | null {
  const message = parsed(body)
  if (message === undefined) return null
  const kind = z.object({ object_kind: z.enum(["pipeline", "build", "push", "merge_request"]) }).safeParse(message)
  if (!kind.success) return "unknown"
  const event = kind.data.object_kind
  const { remoteId = null, pipeline = null, ref = null } = shapes[event].safeParse(message).data ?? {}
  return { event, remoteId, pipeline, branch: ref?.replace(/^refs\/heads\//, "") ?? null }
}

/** Of pipelines with thousands of jobs it is 25 MB, read in a few hundredths of a second. */
function parsed(body: Uint8Array): unknown {
  if (isDeep(body)) return undefined
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown
  } catch {
    return undefined
  }
}
