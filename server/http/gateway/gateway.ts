import type { WebSocketHandler } from "bun"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import { problem } from "../problem.ts"
import { isPreviewHost, parseAddress, type PreviewAddress } from "./address.ts"
import { brokenAnswer } from "./broken.ts"
import { Codes } from "./codes.ts"
import { Crowd, requestRoom, socketRoom } from "./crowd.ts"
import { askWho, enter, enterPath, redeem, redeemPath } from "./enter.ts"
import { Projects } from "./find-target.ts"
import { scriptPath } from "./inject.ts"
import { Membership } from "./membership.ts"
import { OpenStreams } from "./open-streams.ts"
import { notHere, notLive, startingPage } from "./pages.ts"
import type { Holder } from "./pass.ts"
import { scriptResponse } from "./preview-script.ts"
import { isNavigation, proxy } from "./proxy.ts"
import { openSocket, type Upgrader, wantsSocket } from "./socket-door.ts"
import { type SocketData, sockets } from "./sockets.ts"
import { crowdName, type Target, wakeInTime } from "./target.ts"

export interface Gateway {
  /** Whether this request is for a preview, or for the door to one, and not for the app itself. */
  matches(request: Request): boolean
  /** `undefined` after the connection became a WebSocket. */
  fetch(request: Request, server: Upgrader): Promise<Response | undefined>
  websocket: WebSocketHandler<SocketData>
}

interface Options {
  startMs?: number
  patienceMs?: number
  believedMs?: number
  checkMs?: number
}

/** Everything under the preview domain: finds the project by host, lets in who may, wakes the app, hands on. */
export function gateway(services: Services, options: Options = {}): Gateway {
  const { config } = services
  const codes = new Codes()
  const membership = new Membership(services, options.believedMs)
  const projects = new Projects(services)
  const streams = new OpenStreams(services, options.checkMs)
  const requests = new Crowd(requestRoom)
  const openSockets = new Crowd(socketRoom)

  async function answer(request: Request, server: Upgrader): Promise<Response | undefined> {
    const host = hostOf(request)
    const url = new URL(request.url)
    if (!isPreviewHost(config, host)) return enter(services, request, codes, membership)
    if (url.pathname === scriptPath) return scriptResponse(config.publicUrl)
    if (url.pathname === redeemPath) return redeem(services, request, host, codes)
    const address = parseAddress(config, host)
    const project = address === null ? null : await projects.bySlug(address.slug)
    const guarded = address !== null && (address.kind !== "live" || project?.liveAccess === "members")
    const holder = guarded && project !== null ? await membership.find(request, host, project.id) : null
    // Who may not see a draft does not learn whether it exists.
    if (guarded && holder === null) {
      if (isNavigation(request)) return askWho(config.publicUrl, host, url)
      return problem({ kind: "unauthorized", detail: "This is only for the people of the project." }, request)
    }
    const slug = project?.slug ?? null
    if (address === null || project === null || slug === null) return notHere()
    const sha = await shaOf(address, project)
    if (sha === null && address.kind === "live") return notLive()
    if (sha === null && address.kind === "version") return notHere()
    return toApp(request, server, { project: { ...project, slug }, kind: address.kind, sha, guarded }, holder)
  }

  async function shaOf(address: PreviewAddress, project: { id: string; liveSha: string | null }) {
    if (address.kind === "live") return project.liveSha
    return address.kind === "version" ? services.repository.resolve(project.id, address.sha) : null
  }

  async function toApp(request: Request, server: Upgrader, target: Target, holder: Holder | null) {
    const socket = wantsSocket(request)
    const leave = (socket ? openSockets : requests).enter(crowdName(target))
    if (leave === null) throw new AppError("rate_limited", "It has as many visitors at once as it may have.")
    const stream = streams.open(target.project.id, () => mayLook(target, holder))
    const onOver = () => {
      leave()
      stream.close()
    }
    // Perhaps nobody reads the answer to its end.
    request.signal.addEventListener("abort", onOver, { once: true })
    try {
      const endpoint = await wakeInTime(services, target, options.startMs)
      if (endpoint === null) {
        onOver()
        return startingPage()
      }
      if (socket) {
        const host = hostOf(request)
        return openSocket(services, server, { request, host, target, endpoint, ended: stream.signal, onOver })
      }
      const { signal } = stream
      const { patienceMs } = options
      return await proxy(services, { request, target, endpoint, signal, onOver, patienceMs })
    } catch (error) {
      onOver()
      throw error
    }
  }

  /** Whoever was let in as a member must still be one; what was public must still be. */
  async function mayLook({ project }: Target, holder: Holder | null): Promise<boolean> {
    if (holder !== null) return membership.isGood(holder)
    return (await projects.bySlug(project.slug))?.liveAccess === "public"
  }

  return {
    matches: (request) =>
      isPreviewHost(config, hostOf(request)) || (request.method === "GET" && isEnter(new URL(request.url))),
    fetch: async (request, server) => {
      try {
        return await answer(request, server)
      } catch (error) {
        return brokenAnswer(services, request, error)
      }
    },
    websocket: sockets,
  }
}

const isEnter = (url: URL): boolean => url.pathname === enterPath

/** A dot at the end of a name means nothing to people, but would make it another name to us. */
const hostOf = (request: Request): string =>
  (request.headers.get("host") ?? new URL(request.url).host).toLowerCase().replace(/\.(?=:\d+$|$)/, "")
