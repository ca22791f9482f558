import type { Contract, SeenRequest } from "../contract/contract.ts"
import type { World } from "../world.ts"
import { type Answer, Refusal } from "./answer.ts"
import { authenticate } from "./auth.ts"
import type { Limiter } from "./limits.ts"
import type { Router } from "./router.ts"
import type { Incoming, Outgoing } from "./serve.ts"

export interface Api {
  world: World
  router: Router
  contract: Contract | null
  violations: string[]
  limiter: Limiter
}

/** Answers a request below `/api/v4`; what is wrong with it or its answer is noted. */
export async function answerApi(api: Api, incoming: Incoming, url: URL): Promise<Outgoing> {
  const path = url.pathname
  const seen: SeenRequest = { method: incoming.method, path, query: url.searchParams, body: parseBody(incoming) }
  const note = (side: string, problems: string[]) => {
    for (const problem of problems) api.violations.push(`${incoming.method} ${path} ${side}: ${problem}`)
  }
  note("request", seen.body === undefined ? ["the body is not JSON"] : (api.contract?.request(seen) ?? []))
  const answer = await call(api, incoming, url, seen.body)
  note("answer", api.contract?.answer(seen, answer.status, answer.body) ?? [])
  return outgoing(answer)
}

async function call(api: Api, incoming: Incoming, url: URL, body: unknown): Promise<Answer> {
  const { world } = api
  try {
    const path = url.pathname.slice("/api/v4".length)
    const token = authenticate(world, incoming.headers, incoming.method)
    const found = api.router.find(incoming.method === "HEAD" ? "GET" : incoming.method, path)
    if (found === null) return { status: 404, body: { error: "404 Not Found" } }
    if (found === "method") return { status: 405, body: { error: "405 Not Allowed" } }
    if (body === undefined) return { status: 400, body: { error: "The request body is invalid" } }
    api.limiter.take(found.line, token.value)
    return await found.endpoint({
      world,
      token,
      method: incoming.method,
      params: found.params,
      query: queryOf(url.searchParams),
      body: (body ?? {}) as Record<string, unknown>,
      headers: incoming.headers,
      path,
      search: url.searchParams,
    })
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: error.body }
    api.violations.push(
      `${incoming.method} ${url.pathname} broke: ${error instanceof Error ? error.stack : String(error)}`,
    )
    return { status: 500, body: { message: "500 Internal Server Error" } }
  }
}

function queryOf(search: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name)
      return [name, values.length > 1 || name.endsWith("[]") ? values : (values[0] ?? "")]
    }),
  )
}

/** null: there is none; undefined: it cannot be read. */
function parseBody({ body, headers }: Incoming): unknown {
  if (body.length === 0) return null
  const text = new TextDecoder().decode(body)
  if (headers.get("content-type")?.includes("x-www-form-urlencoded") === true) {
    return Object.fromEntries(new URLSearchParams(text))
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function outgoing({ status, headers = {}, body }: Answer): Outgoing {
  if (body === undefined) return { status, headers, body: "" }
  if (typeof body === "string" || body instanceof Uint8Array) return { status, headers, body }
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }
}
