import { commitsBetween } from "../git/commits.ts"
import { repoOf, resolve } from "../git/git.ts"
import { created, notFound, Refusal } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { listOf, pathNumber } from "../http/values.ts"
import type { Delivery, HookEvent, PendingDelivery } from "../hooks/delivery.ts"
import { jobBody, pipelineBody } from "../hooks/pipeline-body.ts"
import { pushBody } from "../hooks/push-body.ts"
import { pipelinesOf, type Project, zeroSha } from "../world.ts"
import { findHook } from "./hooks.ts"
import { inProject } from "./find.ts"

const resendsPerMinute = 5

const eventView = (delivery: Delivery) => ({
  id: delivery.id,
  url: delivery.url,
  trigger: delivery.event === "build" ? "job_hooks" : `${delivery.event}_hooks`,
  request_headers: { ...delivery.headers, ...(delivery.headers["X-Gitlab-Token"] === undefined ? {} : { "X-Gitlab-Token": "[REDACTED]" }) }, // prettier-ignore
  request_data: JSON.parse(delivery.body) as unknown,
  response_headers: {},
  response_body: "",
  execution_duration: delivery.ms / 1000,
  response_status: delivery.status === null ? "internal error" : String(delivery.status),
})

function matches({ status }: Delivery, wanted: string[]): boolean {
  if (wanted.length === 0) return true
  const group = { 2: "successful", 4: "client_failure", 5: "server_failure" }[Math.floor((status ?? 500) / 100)]
  return wanted.includes(String(status)) || (group !== undefined && wanted.includes(group))
}

/** What the trigger's newest event would be; 422 when there was none. */
async function sample(call: Call, project: Project, trigger: string): Promise<[HookEvent, PendingDelivery["body"]]> {
  const { world } = call
  const pipeline = pipelinesOf(world, project.id)[0]
  const job = pipeline?.jobs.at(-1)
  if (trigger === "push_events") {
    const head = await resolve(repoOf(world, project), project.defaultBranch)
    if (head !== null) {
      const [commit] = await commitsBetween(repoOf(world, project), zeroSha, head)
      const before = commit?.parent_ids[0] ?? zeroSha
      return ["push", () => pushBody(world, project, { branch: project.defaultBranch, before, after: head })]
    }
  }
  if (trigger === "pipeline_events" && pipeline !== undefined) return ["pipeline", () => pipelineBody(world, project, pipeline)] // prettier-ignore
  if (trigger === "job_events" && pipeline !== undefined && job !== undefined) return ["build", () => jobBody(world, project, pipeline, job)] // prettier-ignore
  throw new Refusal(422, { message: `Ensure the project has ${trigger.replace("_events", "")}s.` })
}

/** What hooks sent; sending it again; trying a hook, which also switches it on again. */
export const hookEventRoutes: Routes = {
  "GET /projects/:id/hooks/:hook_id/events": inProject((call, project) => {
    const hook = findHook(call, project)
    const rows = call.world.center.deliveries.filter(({ hookId }) => hookId === hook.id).toReversed()
    return page(call, rows.filter((delivery) => matches(delivery, listOf(call, "status"))), eventView) // prettier-ignore
  }, 40),
  "POST /projects/:id/hooks/:hook_id/events/:hook_log_id/resend": inProject(async (call, project) => {
    const hook = findHook(call, project)
    const id = pathNumber(call, "hook_log_id")
    const delivery = call.world.center.deliveries.find((known) => known.id === id && known.hookId === hook.id)
    if (delivery === undefined) throw notFound("Hook log")
    hook.resends = hook.resends.filter((at) => Date.now() - at < 60_000)
    if (hook.resends.length >= resendsPerMinute) {
      throw new Refusal(429, {
        message: { error: "This endpoint has been requested too many times. Try again later." },
      })
    }
    hook.resends.push(Date.now())
    const again = await call.world.center.resend(delivery)
    return { status: 201, body: { response_status: again?.status ?? 500 } }
  }, 40),
  "POST /projects/:id/hooks/:hook_id/test/:trigger": inProject(async (call, project) => {
    const hook = findHook(call, project)
    const [event, body] = await sample(call, project, call.params["trigger"] ?? "")
    const pending = { hookId: hook.id, projectId: project.id, event, key: crypto.randomUUID(), body }
    const delivery = await call.world.center.test(hook, pending)
    if (delivery?.status === null) throw new Refusal(422, { message: delivery.error })
    return created({ message: "201 Created" })
  }, 40),
}
