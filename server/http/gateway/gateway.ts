import type { Server, WebSocketHandler } from "bun"
import type { ErrorKind } from "../../../shared/errors.ts"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import { failureOf } from "../../failure.ts"
import type { Endpoint } from "../../ports/sandbox/port.ts"
import { problem, problemOf } from "../problem.ts"
import { isPreviewHost, parseAddress } from "./address.ts"
import { askWho, enter, enterPath, notHere, redeem, redeemPath } from "./enter.ts"
import { Projects } from "./find-target.ts"
import { towardsApp } from "./headers.ts"
import { scriptPath, scriptResponse } from "./inject.ts"
import { Membership } from "./membership.ts"
import { type Page, pageResponse } from "./pages.ts"
import { Codes } from "./pass.ts"
import { isNavigation, proxy } from "./proxy.ts"
import { type SocketData, sockets } from "./sockets.ts"
import { keepInUse, type Target, wake } from "./target.ts"

/** A request waits this long for an app that starts; then it gets a page that looks again by itself. */
const startMs = 20_000

export interface Gateway {
  /** Whether this request is for a preview, or for the door to one, and not for the app itself. */
  matches(request: Request): boolean
  /** `undefined` after the connection became a WebSocket. */
  fetch(request: Request, server: Pick<Server<SocketData>, "upgrade">): Promise<Response | undefined>
  websocket: WebSocketHandler<SocketData>
}

/** Everything under the preview domain: finds the project by host, lets in who may, wakes the app, hands on. */
export function gateway(services: Services, options: { startMs?: number; patienceMs?: number } = {}): Gateway {
  const { config } = services
  const codes = new Codes()
  const membership = new Membership(services)
  const projects = new Projects(services)

  async function answer(request: Request, server: Pick<Server<SocketData>, "upgrade">) {
    const host = hostOf(request)
    const url = new URL(request.url)
    if (!isPreviewHost(config, host)) return enter(services, request, codes, membership)
    if (url.pathname === scriptPath) return scriptResponse(config.publicUrl)
    if (url.pathname === redeemPath) return redeem(services, request, host, codes)
    const address = parseAddress(config, host)
    const project = address === null ? null : await projects.bySlug(address.slug)
    const slug = project?.slug
    const missing = address === null || project === null || slug === null || slug === undefined
    if (address !== null && address.kind !== "live") {
      // Who may not see it does not learn whether it exists.
      const allowed = !missing && (await membership.allows(request, project.id))
      if (!allowed && isNavigation(request)) return askWho(config.publicUrl, host, url)
      if (!allowed) return problem({ kind: "unauthorized", detail: "Drafts are only for members." }, request)
    }
    if (missing) return notHere()
    const sha = await shaOf(address, project)
    const target: Target = { project: { ...project, slug }, kind: address.kind, sha }
    if (target.kind === "live" && sha === null) return notLive()
    if (target.kind === "version" && sha === null) return notHere()
    const endpoint = await wakeInTime(target)
    if (endpoint === null) return startingPage()
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return socket(request, server, target, endpoint)
    return proxy(services, request, target, endpoint, options.patienceMs)
  }

  async function shaOf(
    address: { kind: string; sha?: string },
    project: { id: string; liveSha: string | null },
  ): Promise<string | null> {
    if (address.kind === "live") return project.liveSha
    return address.sha === undefined ? null : services.repository.resolve(project.id, address.sha)
  }

  async function wakeInTime(target: Target): Promise<Endpoint | null> {
    const { promise, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(() => resolve(null), options.startMs ?? startMs)
    try {
      return await Promise.race([wake(services, target), promise])
    } finally {
      clearTimeout(timer)
    }
  }

  function socket(request: Request, server: Pick<Server<SocketData>, "upgrade">, target: Target, endpoint: Endpoint) {
    const origin = request.headers.get("origin")
    // A page elsewhere must not use the visitor's pass.
    if (origin !== null && URL.parse(origin)?.host !== hostOf(request)) {
      return problem({ kind: "forbidden", detail: "Sockets are only for the app's own pages." }, request)
    }
    const url = new URL(request.url)
    const headers = towardsApp(request, endpoint, new URL(config.publicUrl).protocol.slice(0, -1))
    const handshake = [...headers.keys()].filter((name) => name.startsWith("sec-websocket-"))
    for (const name of handshake) headers.delete(name)
    const protocols = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim())
    const offered = protocols.filter((name) => name !== "")
    const data: SocketData = {
      endpoint,
      path: url.pathname + url.search,
      headers: Object.fromEntries(headers),
      protocols: offered,
      release: keepInUse(services, target),
      upstream: null,
      waiting: [],
      waitingSize: 0,
    }
    const chosen = offered[0]
    if (
      server.upgrade(request, {
        data,
        ...(chosen === undefined ? {} : { headers: { "sec-websocket-protocol": chosen } }),
      })
    ) {
      return undefined
    }
    data.release()
    return problem({ kind: "bad_input", detail: "This is not a WebSocket request." }, request)
  }

  return {
    matches: (request) =>
      isPreviewHost(config, hostOf(request)) || (request.method === "GET" && isEnter(new URL(request.url))),
    fetch: async (request, server) => {
      try {
        return await answer(request, server)
      } catch (error) {
        return failed(services, request, error)
      }
    },
    websocket: sockets,
  }
}

const isEnter = (url: URL): boolean => url.pathname === enterPath

const hostOf = (request: Request): string => (request.headers.get("host") ?? new URL(request.url).host).toLowerCase()

function notLive(): Response {
  return pageResponse({
    status: 404,
    title: "Nothing is live here yet",
    words: "As soon as a version has passed its checks it can be seen at this address.",
  })
}

function startingPage(): Response {
  return pageResponse({ status: 503, title: "Starting your app…", words: "This page opens it by itself.", again: 2 })
}

/** The app is not up, or did not answer: a page for people, a problem for programs. */
function failed(services: Services, request: Request, error: unknown): Response {
  const failure = failureOf(error)
  if (failure.kind === "internal") services.log.error({ err: error }, "a preview could not be answered")
  if (!isNavigation(request)) return problemOf(error, request)
  const { status, title, words, again } = brokenPages[failure.kind] ?? otherPage
  const detail = error instanceof AppError ? error.detail : null
  const link = { href: services.config.publicUrl, words: "Open Go Chat" }
  return pageResponse({ status, title, words: detail ?? words, again, link })
}

const otherPage = { status: 500, title: "Something went wrong on our side", words: "Try again.", again: 5 }

const brokenPages: Partial<Record<ErrorKind, Omit<Page, "link">>> = {
  sandbox_timeout: { status: 504, title: "Your app did not answer", words: "It may be busy." },
  sandbox_failed: { status: 502, title: "Your app stopped", words: "It could not be started." },
  limit_containers: { status: 503, title: "Too many apps are running", words: "Stop one of them.", again: 10 },
}
