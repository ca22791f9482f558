import { z } from "zod"
import { type ErrorKind, errors } from "../../shared/errors.ts"
import { AppError } from "../app-error.ts"
import type { Services } from "../context.ts"
import { limitBody } from "./body.ts"
import { problem } from "./problem.ts"

const maxBytes = 64 * 1024

const refusal = z.object({ message: z.string(), code: z.string() }).partial()

/**
 * Answers `/api/auth/*` by better-auth. Its refusals become problems like all others; `message` and `code`, which its
 * own client reads, stay beside our words.
 */
export async function authRoute({ auth, log }: Pick<Services, "auth" | "log">, request: Request): Promise<Response> {
  const limited = await withJson(await limitBody(request, maxBytes))
  const answer = await auth.handler(limited)
  if (answer.status < 400) return answer
  const { message, code } = refusal.safeParse(await answer.json().catch(() => ({}))).data ?? {}
  const kind = kindOf(answer.status)
  if (kind === "internal") {
    log.error({ code, requestId: request.headers.get("x-request-id") }, "better-auth failed")
    return problem({ kind, detail: null }, request, { message: errors[kind].words })
  }
  const words = message ?? errors[kind].words
  const response = problem({ kind, detail: message ?? null }, request, {
    status: answer.status,
    title: words,
    words,
    message: words,
    code: code ?? kind,
  })
  for (const cookie of answer.headers.getSetCookie()) response.headers.append("set-cookie", cookie)
  const retryAfter = answer.headers.get("x-retry-after")
  if (retryAfter !== null) response.headers.set("retry-after", retryAfter)
  return response
}

/** better-auth takes a body that is not JSON for a fault of its own. */
async function withJson(request: Request): Promise<Request> {
  if (request.body === null || !request.headers.get("content-type")?.includes("json")) return request
  const text = await request.text()
  const { method, headers, signal } = request
  if (text === "") return new Request(request.url, { method, headers, signal })
  try {
    JSON.parse(text)
  } catch {
    throw new AppError("bad_input", "The body is not JSON.")
  }
  return new Request(request.url, { method, headers, signal, body: text })
}

const kinds: Record<number, ErrorKind> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "too_large",
  422: "unprocessable",
  429: "rate_limited",
}

function kindOf(status: number): ErrorKind {
  return status >= 500 ? "internal" : (kinds[status] ?? "bad_input")
}
