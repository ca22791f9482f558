import type { ErrorKind } from "../../../shared/errors.ts"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import { failureOf } from "../../failure.ts"
import { SandboxError } from "../../ports/sandbox/port.ts"
import { problemOf } from "../problem.ts"
import { type Page, pageResponse } from "./pages.ts"
import { isNavigation } from "./proxy.ts"

/** The app is not up, or did not answer: a page for people, a problem for programs. */
export function brokenAnswer(services: Services, request: Request, error: unknown): Response {
  const failure = failureOf(error)
  if (failure.kind === "internal") services.log.error({ err: error }, "a preview could not be answered")
  if (!isNavigation(request)) return problemOf(error, request)
  const { status, title, words, again } = isOfEngine(failure.kind, error)
    ? enginePage
    : (pages[failure.kind] ?? otherPage)
  const detail = error instanceof AppError ? error.detail : null
  const link = { href: services.config.publicUrl, words: "Open Go Chat" }
  return pageResponse({ status, title, words: detail ?? words, again, link })
}

/** What runs apps is away or full: no change of the app would mend that, and it mends itself when it is back. */
const isOfEngine = (kind: ErrorKind, error: unknown): boolean =>
  kind === "unavailable" ||
  (error instanceof AppError && error.cause instanceof SandboxError && error.cause.kind === "unavailable")

const enginePage = {
  status: 503,
  title: "Apps cannot be started right now",
  words: "The server is starting, or something that it needs is away.",
  again: 5,
}

const otherPage = { status: 500, title: "Something went wrong on our side", words: "Try again.", again: 5 }

const pages: Partial<Record<ErrorKind, Omit<Page, "link">>> = {
  sandbox_timeout: { status: 504, title: "Your app did not answer", words: "It may be busy." },
  sandbox_failed: { status: 502, title: "Your app stopped", words: "It could not be started." },
  limit_containers: {
    status: 503,
    title: "There is no room for this app right now",
    words: "As many apps of its owner are awake as this server allows. It opens here when one of them goes to sleep.",
    again: 10,
  },
  rate_limited: { status: 503, title: "This app is busy", words: "Too many people want something from it.", again: 5 },
}
