import { z } from "zod"
import type { SetupReport } from "../port.ts"
import type { GitLabClient } from "./client.ts"
import { GitLabError, isGitLab } from "./errors.ts"
import { hookRefused, listHooks, refusedHook } from "./hooks.ts"
import { mark } from "./create-project.ts"

export interface SetupInput {
  /** The full path of the group that projects are made in. */
  group: string
  /** Where hooks would go to, of any project. */
  webhookUrl: string
  now?: Date
}

export const groupShape = z.looseObject({
  id: z.int(),
  full_path: z.string(),
  project_creation_level: z.string().nullish(),
})

const oldest = 17
const warnDays = 14
const day = 86_400_000

/** Looks whether everything is there to work with this GitLab. Never throws, but for an aborted signal. */
export async function checkSetup(client: GitLabClient, input: SetupInput, signal?: AbortSignal): Promise<SetupReport> {
  const report: SetupReport = { problems: [], warnings: [], version: null }
  for (const check of [checkVersion, checkToken, checkGroup, checkHooks]) {
    try {
      await check(client, input, report, signal)
    } catch (error) {
      signal?.throwIfAborted()
      report.problems.push(sentence(client, error))
    }
    // Without an answer or a token that holds, the rest would only say the same again.
    if (report.problems.length > 0) break
  }
  return report
}

type Check = (client: GitLabClient, input: SetupInput, report: SetupReport, signal?: AbortSignal) => Promise<void>

const checkVersion: Check = async (client, _input, report, signal) => {
  const shape = z.looseObject({ version: z.string() })
  const { version } = await client.ask(shape, (api) => api.Metadata.show(), signal)
  report.version = version
  const major = Number(/^\d+/.exec(version)?.[0])
  if (major < oldest)
    report.problems.push(`This GitLab is version ${version}. Update it to version ${oldest} or newer.`)
}

const checkToken: Check = async (client, { now = new Date() }, report, signal) => {
  const shape = z.looseObject({ scopes: z.array(z.string()), expires_at: z.string().nullish() })
  const token = await client.ask(shape, (api) => api.PersonalAccessTokens.show(), signal)
  if (!token.scopes.includes("api")) {
    report.problems.push(
      "The access token has too few rights. Make one with the scope “api” and set it as GITLAB_TOKEN.",
    )
  }
  if (token.expires_at === null || token.expires_at === undefined) return
  const left = Math.ceil((Date.parse(token.expires_at) - now.getTime()) / day)
  if (left > warnDays) return
  const when = left <= 1 ? "within a day" : `in ${left} days`
  report.warnings.push(
    `The access token for GitLab expires ${when}, on ${token.expires_at}. Make a new one and set it as GITLAB_TOKEN.`,
  )
}

const checkGroup: Check = async (client, input, report, signal) => {
  const group = await findGroup(client, input.group, signal)
  if (group === null) {
    report.problems.push(
      `GitLab has no group “${input.group}”, or the access token may not see it. Make the group, and the token's user a member with the role Maintainer.`,
    )
    return
  }
  if (group.project_creation_level === "noone" || group.project_creation_level === "administrator") {
    report.problems.push(
      `Nobody may make projects in the group “${input.group}”. Change that in the group's settings, under Permissions.`,
    )
    return
  }
  if (await mayAtLeast(client, group.id, 50, signal)) return
  if (await mayAtLeast(client, group.id, 40, signal)) {
    report.warnings.push(
      `The access token may make projects in “${input.group}” but not remove them: a project that is deleted here stays in GitLab. Give the token's user the role Owner to change that.`,
    )
    return
  }
  if (await isAdministrator(client, signal)) return
  report.problems.push(
    `The access token may not make projects in the group “${input.group}”. Give the token's user the role Maintainer there.`,
  )
}

const checkHooks: Check = async (client, { group, webhookUrl }, report, signal) => {
  const options = { perPage: 50, maxPages: 1, archived: false, orderBy: "id" } as const
  const shape = z.array(z.looseObject({ id: z.int(), description: z.string().nullish() }))
  // Asked by somebody without rights for settings, only a hook itself tells. Before the first project there is none.
  const all = await client.ask(shape, (api) => api.Groups.allProjects(group, options), signal)
  const project = all.find(({ description }) => description?.includes(mark) === true)
  if (project === undefined) return
  try {
    const { origin } = new URL(webhookUrl)
    const hooks = await listHooks(client, project.id, signal)
    if (hooks.some((hook) => URL.parse(hook.url)?.origin === origin)) return
    const said = await refusedHook(client, project.id, webhookUrl, signal)
    if (said !== null) report.warnings.push(hookRefused(webhookUrl, said))
  } catch (error) {
    // Builds are followed without hooks, too: nothing here stops the work.
    if (!(error instanceof GitLabError)) throw error
    report.warnings.push(
      "It could not be found out whether GitLab sends messages here. Builds may be seen a little later.",
    )
  }
}

/** null when it is not there or not to be seen. */
export async function findGroup(client: GitLabClient, path: string, signal?: AbortSignal) {
  try {
    return await client.ask(groupShape, (api) => api.Groups.show(path, { withProjects: false }), signal)
  } catch (error) {
    if (isGitLab(error, "missing")) return null
    throw error
  }
}

/** Whether the token's user has this role in the group, by its own membership or that of a group above. */
async function mayAtLeast(client: GitLabClient, id: number, level: 40 | 50, signal?: AbortSignal): Promise<boolean> {
  const options = { minAccessLevel: level, perPage: 100, maxPages: 10 } as const
  const groups = await client.ask(z.array(groupShape), (api) => api.Groups.all(options), signal)
  return groups.some((group) => group.id === id)
}

async function isAdministrator(client: GitLabClient, signal?: AbortSignal): Promise<boolean> {
  const shape = z.looseObject({ is_admin: z.boolean().nullish() })
  return (await client.ask(shape, (api) => api.Users.showCurrentUser(), signal)).is_admin === true
}

function sentence(client: GitLabClient, error: unknown): string {
  if (!(error instanceof GitLabError)) throw error
  if (error.kind === "away") {
    return `GitLab does not answer at ${client.url}. See whether it runs and whether GITLAB_URL is right. (${error.detail})`
  }
  if (error.kind === "unexpected" || error.kind === "missing") {
    return `What answers at ${client.url} does not look like GitLab. See whether GITLAB_URL is right. (${error.detail})`
  }
  return error.message
}
