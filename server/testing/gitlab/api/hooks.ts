import { badParameter, created, noContent, notFound, ok, Refusal } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, mustText, pathNumber, textOf } from "../http/values.ts"
import { alertStatus } from "../hooks/auto-disable.ts"
import { isLocalAddress, isWebAddress } from "../hooks/local-address.ts"
import type { Hook, Project, World } from "../world.ts"
import { inProject } from "./find.ts"

/** Every kind of event, with what it is when nothing was sent. */
const eventDefaults: Record<string, boolean> = {
  push_events: true, tag_push_events: false, merge_requests_events: false, repository_update_events: false,
  issues_events: false, confidential_issues_events: false, note_events: false, confidential_note_events: false,
  pipeline_events: false, wiki_page_events: false, deployment_events: false, feature_flag_events: false,
  job_events: false, releases_events: false, milestone_events: false, emoji_events: false,
  resource_access_token_events: false,
} // prettier-ignore

export function hookView(world: World, hook: Hook): Record<string, unknown> {
  return {
    id: hook.id,
    url: hook.url,
    name: hook.name,
    description: hook.description,
    created_at: hook.createdAt.toISOString(),
    ...hook.events,
    enable_ssl_verification: hook.sslVerification,
    alert_status: alertStatus(hook),
    disabled_until: hook.disabledUntil?.toISOString() ?? null,
    url_variables: [],
    push_events_branch_filter: hook.pushBranchFilter,
    branch_filter_strategy: hook.branchStrategy,
    custom_webhook_template: "",
    custom_headers: hook.customHeaders.map(({ key }) => ({ key })),
    project_id: hook.projectId,
    ...(world.settings.version >= 19
      ? { token_present: hook.token !== null, signing_token_present: hook.signingToken !== null }
      : {}),
  }
}

/** Refuses what no hook may go to. */
function checkUrl(world: World, url: string): void {
  if (!isWebAddress(url)) throw new Refusal(422, { error: "Invalid url given" })
  if (!world.settings.localHooks && isLocalAddress(url)) throw new Refusal(422, { error: "Invalid url given" })
}

/** Older versions do not know the key and drop it. */
function signingToken(call: Call): string | undefined {
  if (call.world.settings.version < 19) return undefined
  const value = textOf(call, "signing_token")
  if (value === null) return undefined
  if (/^whsec_[A-Za-z0-9+/]{43}=$/.test(value)) return value
  throw new Refusal(422, { error: "Signing token is invalid" })
}

function apply(call: Call, hook: Hook): void {
  for (const name of Object.keys(eventDefaults)) hook.events[name] = flagOf(call, name) ?? hook.events[name] ?? false
  hook.name = textOf(call, "name") ?? hook.name
  hook.description = textOf(call, "description") ?? hook.description
  hook.token = textOf(call, "token")?.replaceAll(/[\r\n]/g, "") ?? hook.token
  hook.signingToken = signingToken(call) ?? hook.signingToken
  hook.pushBranchFilter = textOf(call, "push_events_branch_filter") ?? hook.pushBranchFilter
  hook.branchStrategy = textOf(call, "branch_filter_strategy") ?? hook.branchStrategy
  hook.sslVerification = flagOf(call, "enable_ssl_verification") ?? hook.sslVerification
  const custom = call.body["custom_headers"]
  if (Array.isArray(custom)) hook.customHeaders = custom as Hook["customHeaders"]
}

export function findHook(call: Call, project: Project): Hook {
  const hook = call.world.hooks.get(pathNumber(call, "hook_id"))
  if (hook?.projectId !== project.id) throw notFound("Hook")
  return hook
}

/** Hooks of a project. */
export const hookRoutes: Routes = {
  "GET /projects/:id/hooks": inProject((call, project) => {
    const rows = [...call.world.hooks.values()].filter((hook) => hook.projectId === project.id)
    return page(call, rows, (hook) => hookView(call.world, hook))
  }, 40),
  "POST /projects/:id/hooks": inProject((call, project) => {
    const url = mustText(call, "url")
    if (url === "") throw badParameter("url is empty")
    checkUrl(call.world, url)
    const hook: Hook = {
      id: call.world.nextId(),
      projectId: project.id,
      url,
      name: null,
      description: null,
      token: null,
      signingToken: null,
      events: { ...eventDefaults },
      pushBranchFilter: null,
      branchStrategy: "wildcard",
      sslVerification: true,
      customHeaders: [],
      createdAt: new Date(),
      failures: 0,
      disabledUntil: null,
      disabledForGood: false,
      resends: [],
    }
    apply(call, hook)
    call.world.hooks.set(hook.id, hook)
    return created(hookView(call.world, hook))
  }, 40),
  "GET /projects/:id/hooks/:hook_id": inProject(
    (call, project) => ok(hookView(call.world, findHook(call, project))),
    40,
  ),
  "PUT /projects/:id/hooks/:hook_id": inProject((call, project) => {
    const hook = findHook(call, project)
    const url = textOf(call, "url") ?? hook.url
    checkUrl(call.world, url)
    // A hook that goes elsewhere loses its secrets, unless they are sent again.
    if (url !== hook.url) Object.assign(hook, { token: null, customHeaders: [] })
    hook.url = url
    apply(call, hook)
    return ok(hookView(call.world, hook))
  }, 40),
  "DELETE /projects/:id/hooks/:hook_id": inProject((call, project) => {
    call.world.hooks.delete(findHook(call, project).id)
    return noContent()
  }, 40),
}
