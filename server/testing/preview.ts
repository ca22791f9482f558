import type { Server } from "bun"
import { session, user } from "../../drizzle/schema/account.ts"
import { projectMembers, projects } from "../../drizzle/schema/project.ts"
import type { Services } from "../context.ts"
import { Hub } from "../features/event/hub.ts"
import { type Gateway, gateway } from "../http/gateway/gateway.ts"
import { passSetCookie } from "../http/gateway/pass.ts"
import { type SocketData, sockets } from "../http/gateway/sockets.ts"
import { newId } from "../lib/ids.ts"
import type { Endpoint } from "../ports/sandbox/port.ts"
import { testDatabase } from "./database.ts"

/** The gateway on a port of its own, with a project in a real database; where its app is, the test says. */
export interface TestPreview {
  readonly port: number
  readonly services: Services
  readonly projectId: string
  readonly slug: string
  readonly member: { userId: string; sessionId: string }
  readonly stranger: { userId: string; sessionId: string }
  /** What happens when the gateway looks for the app; the test may change it. */
  wake: () => Promise<Endpoint>
  host(name: string): string
  /** The pass of a person, as a `Cookie` header, for the host of this name. */
  pass(name: string, who?: { userId: string; sessionId: string }): string
  /** Asks a host for a path; a redirect is an answer. */
  get(name: string, path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/** As a browser asks for a page. */
export const page = { accept: "text/html", "sec-fetch-mode": "navigate" }

type Options = Parameters<typeof gateway>[1]

export async function startTestPreview(app: Endpoint, options: Options = {}): Promise<TestPreview> {
  const database = await testDatabase()
  const { db } = database
  const [projectId, slug] = [newId(), "shop"]
  const person = async (name: string) => {
    const [userId, sessionId] = [newId(), newId()]
    await db.insert(user).values({ id: userId, name, email: `${name}@example.com` })
    const expiresAt = new Date(Date.now() + 3_600_000)
    await db.insert(session).values({ id: sessionId, userId, token: newId(), expiresAt })
    return { userId, sessionId }
  }
  const [member, stranger] = [await person("member"), await person("stranger")]
  await db.insert(projects).values({ id: projectId, title: "Shop", slug, template: "static", liveSha: "a".repeat(40) })
  await db.insert(projectMembers).values({ projectId, userId: member.userId, role: "owner" })

  let door: Gateway | null = null
  const front: Server<SocketData> = Bun.serve<SocketData>({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    // Connections that break off are no news.
    development: false,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request, server) => door?.fetch(request, server) ?? new Response(null, { status: 503 }),
    websocket: sockets,
  })
  const port = front.port ?? 0
  const previewDomain = `preview.gochat.localhost:${port}`
  const services = {
    config: { previewDomain, publicUrl: `http://gochat.localhost:${port}`, secretKey: "s".repeat(32) },
    db,
    hub: new Hub({ db, notifies: false, onError: () => {} }),
    log: { error: () => {}, warn: () => {} },
    sandboxes: { wake: () => preview.wake(), touch: () => {} },
    repository: { resolve: async (_: string, sha: string) => (sha === "abcdef1" ? `${sha}${"0".repeat(33)}` : null) },
  } as unknown as Services
  const host = (name: string) => `${name}.${previewDomain}`
  const preview: TestPreview = {
    port,
    services,
    projectId,
    slug,
    member,
    stranger,
    wake: async () => app,
    host,
    pass: (name, who = member) => {
      const holder = { projectId, userId: who.userId, credentialId: who.sessionId }
      return passSetCookie(services.config, host(name), holder).split(";")[0] ?? ""
    },
    get: (name, path, init = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        redirect: "manual",
        ...init,
        headers: { host: host(name), ...(init.headers as Record<string, string>) },
      }),
    close: async () => {
      await front.stop(true)
      await database.close()
    },
  }
  door = gateway(services, options)
  return preview
}
