import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { pino } from "pino"
import { loadConfig } from "../../config.ts"
import type { Services } from "../../context.ts"
import { createGitLabClient } from "../../ports/forge/gitlab/client.ts"
import { checkSetup } from "../../ports/forge/gitlab/setup.ts"
import type { GitLabDouble } from "../../testing/gitlab/double.ts"
import { Kit } from "../../testing/gitlab/kit.ts"
import { until } from "../../testing/until.ts"
import { createSetupWatch } from "./setup-watch.ts"

setDefaultTimeout(15_000)
const kit = new Kit()
const watches: ReturnType<typeof createSetupWatch>[] = []
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.close()
  await kit.close()
})

/** The real look at a GitLab, without the rest of the forge. */
function watchOf(
  gitlab: GitLabDouble,
  times: Parameters<typeof createSetupWatch>[1],
  env: Record<string, string> = {},
) {
  const config = loadConfig({
    GO_CHAT_SECRET_KEY: "0123456789abcdef0123456789abcdef",
    GITLAB_URL: gitlab.url,
    GITLAB_TOKEN: gitlab.token,
    ...env,
  })
  const { token, group } = config.gitlab!
  const client = createGitLabClient({ url: gitlab.url, token, retries: 0, timeoutMs: 20_000 })
  const webhookUrl = `${config.publicUrl}/webhooks/gitlab/setup`
  const remote = { check: (signal: AbortSignal) => checkSetup(client, { group, webhookUrl }, signal) }
  const lines: { level: number; msg: string }[] = []
  const log = pino({ level: "info" }, { write: (line) => void lines.push(JSON.parse(line)) })
  const watch = createSetupWatch({ forge: { remote } as Services["forge"], config, log }, times)
  watches.push(watch)
  return { watch, lines }
}

const said = (lines: { level: number; msg: string }[]) => lines.map(({ level, msg }) => [level, msg])
const words = (text: string) => expect.stringContaining(text) as string

test("it looks by itself and says what it found, a fault once, and soon again while something is wrong", async () => {
  const gitlab = await kit.gitlab()
  await gitlab.away()
  const { watch, lines } = watchOf(gitlab, { everyMs: 60_000, againMs: 20 })
  expect(watch.report()).toMatchObject({ url: gitlab.url, group: "go-chat", version: null, checkedAt: null })
  watch.start()
  await until(() => watch.report()?.problems.length === 1)
  const first = watch.report()?.checkedAt
  await until(() => watch.report()?.checkedAt !== first)
  expect(said(lines)).toEqual([[50, words("GitLab does not answer at")]])
  await gitlab.back()
  await until(() => watch.report()?.problems.length === 0)
  expect(watch.report()).toMatchObject({ version: "19.5.1", warnings: [] })
  expect(said(lines).at(-1)).toEqual([30, "GitLab is set up"])
})

test("a token that ends soon is told every time", async () => {
  const gitlab = await kit.gitlab()
  const { value } = gitlab.addToken({ expiresAt: new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10) })
  const { watch, lines } = watchOf(gitlab, { everyMs: 20 }, { GITLAB_TOKEN: value })
  watch.start()
  await until(() => lines.filter(({ msg }) => msg.includes("expires in 9 days")).length >= 2)
  expect(lines.find(({ msg }) => msg.includes("expires"))?.level).toBe(40)
  expect(JSON.stringify(lines)).not.toContain(value)
})

test("however many ask, it looks once; a GitLab that never answers is a problem, and does not hold up the end", async () => {
  const gitlab = await kit.gitlab()
  const { watch } = watchOf(gitlab, {})
  await Promise.all([watch.check(), watch.check(), watch.check()])
  expect(gitlab.requests.filter(({ path }) => path.endsWith("/metadata"))).toHaveLength(1)

  gitlab.trouble({ path: /metadata/, trouble: { kind: "slow", ms: 8_000 } })
  const slow = watchOf(gitlab, { longestMs: 50 })
  expect(await slow.watch.check()).toMatchObject({ problems: [words("did not answer in time")] })
  gitlab.trouble({ path: /metadata/, trouble: { kind: "slow", ms: 8_000 } })
  const ended = watchOf(gitlab, {})
  ended.watch.start()
  const begun = performance.now()
  await ended.watch.close()
  expect(performance.now() - begun).toBeLessThan(2_000)
  expect(ended.lines).toEqual([])
})
