import { createAdminApi } from "./admin-api.ts"
import { ensureGroup } from "./ensure-group.ts"
import { ensureRunner } from "./ensure-runner.ts"
import { ensureSettings } from "./ensure-settings.ts"
import { ensureToken } from "./ensure-token.ts"
import { readIfThere, withValues, writePrivate } from "./env-file.ts"
import type { Options } from "./options.ts"
import { registerCommand, runnerConfig, tokenIn } from "./runner-config.ts"
import { waitUntilReady } from "./wait-until-ready.ts"

export interface Voices {
  /** What a person reads along. */
  readonly say: (words: string) => void
  /** What was asked to be printed, secrets among it. */
  readonly print: (text: string) => void
}

/**
 * Makes everything that Go Chat needs at GitLab and is not there yet, and writes down how to reach it. Answers words
 * for each change, none when all was there. Throws `SetupFailed`.
 */
export async function setUpGitLab(
  options: Options,
  adminToken: string,
  { say, print }: Voices,
  pauseMs?: number,
): Promise<string[]> {
  const api = createAdminApi(options.url, adminToken)
  const version = await waitUntilReady(api, {
    waitMs: options.waitMs,
    say,
    ...(pauseMs === undefined ? {} : { pauseMs }),
  })
  say(`GitLab ${version} answers at ${options.url}.`)
  const changes: string[] = []
  const note = (...words: (string | null)[]) => {
    for (const change of words) {
      if (change === null) continue
      changes.push(change)
      say(change)
    }
  }

  note(...(await ensureSettings(api, options)))
  const group = await ensureGroup(api, options.group)
  note(group.change)

  const token = await ensureToken(api, { groupId: group.value, known: options.token, another: options.another })
  note(token.change)
  if (token.value === null) {
    say("There is an access token “go-chat” whose secret is not here; --another makes a new one.")
  } else {
    const values = { GITLAB_URL: options.url, GITLAB_TOKEN: token.value, GITLAB_GROUP: options.group }
    if (!options.print) note(await store(options.envFile, values))
    else if (token.change !== null) print(withValues("", values))
  }

  if (options.runnerConfig !== null || options.printRunner)
    note(await runner(options, api, group.value, { say, print }))
  return changes
}

async function store(path: string, values: Record<string, string>): Promise<string | null> {
  const before = await readIfThere(path)
  const after = withValues(before, values)
  if (after === before) return null
  await writePrivate(path, after)
  return `Wrote ${path}.`
}

async function runner(
  { runnerConfig: path, another, url }: Options,
  api: ReturnType<typeof createAdminApi>,
  groupId: number,
  { say, print }: Voices,
): Promise<string | null> {
  const config = path === null ? "" : await readIfThere(path)
  const { value, change } = await ensureRunner(api, { groupId, known: tokenIn(config), another })
  if (value === null) {
    say("There is a runner “go-chat” whose token is not here; --another makes a new one.")
    return null
  }
  if (path === null) print(`${registerCommand(url, value)}\n`)
  // What somebody changed in the file of a runner that works is his.
  else if (change !== null) await writePrivate(path, runnerConfig(url, value))
  return change === null || path === null ? change : `${change} Its settings are in ${path}.`
}
