import { gitPath, serveGit } from "../git/serve.ts"
import { type LoggedRequest, logRequest } from "../request-log.ts"
import { type Api, answerApi } from "./api.ts"
import type { Incoming, Outgoing } from "./serve.ts"
import { spoiledAnswer, type Trouble, type Troubles } from "./trouble.ts"

/** What stands before everything: notes requests, spoils some, and sends the rest to git or to the API. */
export const front =
  (api: Api, troubles: Troubles, requests: LoggedRequest[]) =>
  async (incoming: Incoming): Promise<Outgoing> => {
    const entry = logRequest(requests, incoming)
    const trouble = troubles.take(incoming.method, incoming.url)
    entry.trouble = trouble?.kind ?? null
    const answer = await troubled(api, trouble, incoming)
    entry.status = answer.status
    entry.ms = Date.now() - entry.at.getTime()
    return answer
  }

async function troubled(api: Api, trouble: Trouble | null, incoming: Incoming): Promise<Outgoing> {
  if (trouble === null) return sorted(api, incoming)
  if (trouble.kind === "silent") return { status: 0, headers: {}, body: "", spoiled: "silent" }
  const refused = spoiledAnswer(trouble)
  if (refused !== null) return refused
  const answer = await sorted(api, incoming)
  if (trouble.kind === "slow") await Bun.sleep(trouble.ms)
  return trouble.kind === "cut" || trouble.kind === "lost" ? { ...answer, spoiled: trouble.kind } : answer
}

async function sorted(api: Api, incoming: Incoming): Promise<Outgoing> {
  const { world } = api
  const { subPath } = world.settings
  const url = new URL(incoming.url, "http://gitlab")
  if (!url.pathname.startsWith(`${subPath}/`)) return page(404)
  url.pathname = url.pathname.slice(subPath.length)
  if (url.pathname.startsWith("/api/v4/")) return answerApi(api, incoming, url)
  const git = gitPath(world, url.pathname)
  if (git === null) return { ...page(302), headers: { location: `${world.url}/users/sign_in` } }
  const { method, headers, body } = incoming
  return serveGit(world, { method, path: url.pathname, query: url.search.slice(1), headers, body }, git)
}

/** A page for people. */
export const page = (status: number): Outgoing => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: `<!DOCTYPE html><html><body><h1>${status}</h1></body></html>`,
})
