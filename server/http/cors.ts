import type { Config } from "../config.ts"

const preflight = {
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers":
    "content-type, authorization, x-api-key, x-request-id, last-event-id, trpc-accept, x-trpc-source",
  "access-control-max-age": "600",
}

/** Answers a preflight; only a page on the list of `CORS_ORIGINS` learns that it may go on. Null for anything else. */
export function answerPreflight(config: Config, request: Request): Response | null {
  if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method")) return null
  const allowed = allowHeaders(config, request)
  return new Response(null, { status: 204, headers: allowed === null ? {} : { ...preflight, ...allowed } })
}

/** Lets a page on the list read the answer; null when the list does not name it. */
export function allowHeaders(config: Config, request: Request): Record<string, string> | null {
  const origin = request.headers.get("origin")
  if (origin === null || !config.corsOrigins.includes(origin)) return null
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "x-request-id, set-auth-token",
    vary: "origin",
  }
}
