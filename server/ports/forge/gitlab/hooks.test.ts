import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { Kit } from "../../../testing/gitlab/kit.ts"
import type { Settings } from "../../../testing/gitlab/world.ts"
import { createGitLabClient } from "./client.ts"
import { ensureHook } from "./hooks.ts"
import { hookSigningToken, hookToken, verifyHook } from "./signature.ts"

setDefaultTimeout(15_000)
const kit = new Kit()
afterEach(() => kit.close())

const [token, signingToken] = [hookToken("secret", "p1"), hookSigningToken("secret", "p1")]

async function start(settings: Partial<Settings> = {}) {
  const gitlab = await kit.gitlab(settings)
  const { id } = await gitlab.createProject({ path: "shop" })
  const client = createGitLabClient({ url: gitlab.url, token: gitlab.token, pauseMs: 4 })
  const wanted = { remoteId: id, url: "http://127.0.0.1:9/hooks/gitlab/p1", token, signingToken }
  return { gitlab, id, wanted, ensure: (more = {}) => ensureHook(client, { ...wanted, ...more }), hooks: () => [...gitlab.world.hooks.values()] } // prettier-ignore
}

test("it is made once, and what GitLab sends by it is genuine", async () => {
  const { gitlab, id, ensure, hooks } = await start()
  const receiver = await kit.receiver()
  const url = `${receiver.url}/p1`
  expect(await ensure({ url })).toBe("made")
  expect(await ensure({ url })).toBe("fine")
  expect(hooks()).toMatchObject([{ url, token, signingToken, name: "Go Chat", sslVerification: true }])
  await gitlab.commit(id, { a: "a" })
  await gitlab.settled()
  const [sent] = gitlab.hooks.deliveries
  const body = new TextEncoder().encode(sent?.body)
  const check = (own: string) => verifyHook({ headers: new Headers(sent?.headers), body, token, signingToken: own })
  expect(check(signingToken)).toBe("genuine")
  expect(check(hookSigningToken("secret", "p2"))).toBe("forged")
  expect(gitlab.violations).toEqual([])
})

test("what it lost is given back: address, secrets, events", async () => {
  const { ensure, hooks, wanted } = await start()
  await ensure()
  const [hook] = hooks()
  if (hook === undefined) throw new Error("no hook")
  for (const damage of [
    () => (hook.url = "https://old.example.com/hooks/gitlab/p1"),
    () => (hook.token = null),
    () => (hook.signingToken = null),
    () => (hook.events["pipeline_events"] = false),
    () => (hook.events["push_events"] = false),
    () => (hook.events["merge_requests_events"] = false),
  ]) {
    damage()
    expect(await ensure()).toBe("repaired")
    expect(hooks()).toEqual([hook])
    expect(hook).toMatchObject({ url: wanted.url, token, signingToken, events: { pipeline_events: true, push_events: true, merge_requests_events: true } }) // prettier-ignore
    expect(await ensure()).toBe("fine")
  }
  hook.token = "of an older secret"
  expect(await ensure({ rewrite: true })).toBe("fine")
  expect(hook.token).toBe(token)
})

test("one that was switched off is replaced, doubles go, others stay", async () => {
  const { ensure, hooks, gitlab, id } = await start()
  await ensure()
  const [first] = hooks()
  if (first === undefined) throw new Error("no hook")
  first.disabledForGood = true
  expect(await ensure()).toBe("repaired")
  expect(hooks().map((hook) => hook.id)).not.toContain(first.id)
  const [now] = hooks()
  if (now === undefined) throw new Error("no hook")
  gitlab.world.hooks.set(901, { ...now, id: 901, projectId: id })
  gitlab.world.hooks.set(902, { ...now, id: 902, projectId: id, url: "https://other.example.com/" })
  expect(await ensure()).toBe("repaired")
  expect(hooks().map((hook) => hook.id)).toEqual([now.id, 902])
})

test("older versions do not sign and do not tell: the secrets are written each time", async () => {
  const { ensure, hooks } = await start({ version: 17 })
  expect(await ensure()).toBe("made")
  const [hook] = hooks()
  if (hook === undefined) throw new Error("no hook")
  expect(hook.signingToken).toBeNull()
  hook.token = null
  expect(await ensure()).toBe("fine")
  expect(hooks()).toMatchObject([{ token }])
})

test("an answer that was lost makes no second hook, and a refused address says what to do", async () => {
  const { ensure, gitlab, hooks } = await start()
  gitlab.trouble({ method: "POST", path: /hooks/, trouble: { kind: "lost" } })
  await expect(ensure()).rejects.toMatchObject({ kind: "away", about: { maybeDone: true } })
  expect(await ensure()).toBe("fine")
  expect(hooks()).toHaveLength(1)
  gitlab.world.hooks.clear()
  gitlab.settings.localHooks = false
  await expect(ensure()).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringContaining("Outbound requests") as string,
  })
})
