import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { builds, jobs } from "../../drizzle/schema/build.ts"
import { messages } from "../../drizzle/schema/message.ts"
import { runs } from "../../drizzle/schema/run.ts"
import { versions } from "../../drizzle/schema/version.ts"
import { createGoChatClient } from "../../shared/client.ts"
import { newId } from "../lib/ids.ts"
import { procedures } from "../testing/procedures.ts"
import { startTestServer, type TestServer } from "../testing/server.ts"

/** Ids of things that belong to one person. */
interface Things {
  projectId: string
  messageId: string
  runId: string
  sha: string
  buildId: string
  jobId: string
  sessionId: string
  keyId: string
}

type Entry =
  /** Anybody may ask. */
  | "public"
  /** Nothing but one's own can be meant. */
  | "own"
  /** For who runs the server; anybody else is told so, whatever is named. */
  | { admin: (theirs: Things) => object }
  /** What a stranger would send. `also` uses an own project with another's thing in it. */
  | { with: (theirs: Things) => object; also?: (theirs: Things, mine: Things) => object; kind?: "conflict" }

const project = ({ projectId }: Things) => ({ projectId })

/** Every procedure of the server. Whoever adds one says here how a stranger would try it. */
const table: Record<string, Entry> = {
  "system.info": "public",

  "account.get": "own",
  "account.update": "own",
  "account.sessions": "own",
  "account.keys.list": "own",
  "account.keys.create": "own",
  "account.remove": "own",
  "account.watch": "own",
  "account.revokeSession": { with: ({ sessionId }) => ({ sessionId }) },
  "account.keys.remove": { with: ({ keyId }) => ({ keyId }) },

  "project.list": "own",
  "project.create": { with: ({ projectId }) => ({ id: projectId, title: "Mine" }), kind: "conflict" },
  "project.get": { with: project },
  "project.update": { with: ({ projectId }) => ({ projectId, title: "Mine" }) },
  "project.remove": { with: project },

  "chat.send": { with: ({ projectId }) => ({ projectId, content: "hello" }) },
  "chat.history": { with: project },
  "chat.stop": {
    with: ({ projectId, runId }) => ({ projectId, runId }),
    also: ({ runId }, { projectId }) => ({ projectId, runId }),
  },
  "chat.retry": {
    with: ({ projectId, runId }) => ({ projectId, runId }),
    also: ({ runId }, { projectId }) => ({ projectId, runId }),
  },
  "chat.edit": {
    with: ({ projectId, messageId }) => ({ projectId, messageId, content: "x" }),
    also: ({ messageId }, { projectId }) => ({ projectId, messageId, content: "x" }),
  },
  "chat.unqueue": {
    with: ({ projectId, messageId }) => ({ projectId, messageId }),
    also: ({ messageId }, { projectId }) => ({ projectId, messageId }),
  },

  "event.watch": { with: project },

  "file.tree": { with: project },
  "file.read": { with: ({ projectId }) => ({ projectId, path: "index.html" }) },
  "file.write": { with: ({ projectId }) => ({ projectId, path: "index.html", content: "x" }) },
  "file.search": { with: ({ projectId }) => ({ projectId, query: "x" }) },

  "version.list": { with: project },
  "version.diff": {
    with: ({ projectId, sha }) => ({ projectId, sha }),
    also: ({ sha }, { projectId }) => ({ projectId, sha }),
  },
  "version.restore": {
    with: ({ projectId, sha }) => ({ projectId, sha }),
    also: ({ sha }, { projectId }) => ({ projectId, sha }),
  },
  "version.publish": {
    with: ({ projectId, sha }) => ({ projectId, sha }),
    also: ({ sha }, { projectId }) => ({ projectId, sha }),
  },
  "version.unpin": { with: project },
  "version.keep": {
    with: ({ projectId, runId }) => ({ projectId, runId }),
    also: ({ runId }, { projectId }) => ({ projectId, runId }),
  },

  "build.list": { with: project },
  "build.get": {
    with: ({ projectId, buildId }) => ({ projectId, buildId }),
    also: ({ buildId }, { projectId }) => ({ projectId, buildId }),
  },
  "build.log": {
    with: ({ projectId, buildId, jobId }) => ({ projectId, buildId, jobId }),
    also: ({ jobId }, { projectId, buildId }) => ({ projectId, buildId, jobId }),
  },
  "build.retry": {
    with: ({ projectId, buildId }) => ({ projectId, buildId }),
    also: ({ buildId }, { projectId }) => ({ projectId, buildId }),
  },
  "build.cancel": {
    with: ({ projectId, buildId }) => ({ projectId, buildId }),
    also: ({ buildId }, { projectId }) => ({ projectId, buildId }),
  },
  "build.artifacts": {
    with: ({ projectId, buildId }) => ({ projectId, buildId }),
    also: ({ buildId }, { projectId }) => ({ projectId, buildId }),
  },

  "sandbox.get": { with: ({ projectId }) => ({ projectId, kind: "draft" }) },
  "sandbox.start": {
    with: ({ projectId }) => ({ projectId, kind: "draft" }),
    also: ({ sha }, { projectId }) => ({ projectId, kind: "version", sha }),
  },
  "sandbox.stop": { with: ({ projectId }) => ({ projectId, kind: "draft" }) },
  "sandbox.log": { with: ({ projectId }) => ({ projectId, kind: "draft" }) },
  "sandbox.running": "own",

  "admin.forge": { admin: () => ({}) },
  "admin.checkForge": { admin: () => ({}) },
  "admin.sandboxes": { admin: () => ({}) },
  "admin.stopSandbox": { admin: ({ projectId }) => ({ projectId, kind: "draft" }) },
}

let server: TestServer
let theirs: Things
let mine: Things
let stranger: Record<string, string>
const marks: string[] = []

beforeAll(async () => {
  server = await startTestServer()
  const mia = await server.signUp("mia@example.com")
  const ben = await server.signUp("ben@example.com")
  theirs = await furnish(mia)
  mine = await furnish(ben)
  stranger = { cookie: ben.cookie, origin: server.url }
  marks.push(...Object.values(theirs), "Secret of mia", "mia@example.com")
})
afterAll(() => server.stop())

/** A project with one of everything, as it lies in the tables. */
async function furnish(person: { cookie: string; userId: string }): Promise<Things> {
  const api = createGoChatClient({ url: server.url, cookie: person.cookie })
  const { name } = await api.account.get.query()
  const { id: projectId } = await api.project.create.mutate({ title: `Secret of ${name.split("@")[0]}` })
  const [session] = await api.account.sessions.query()
  const key = await api.account.keys.create.mutate({ name: "key" })
  const things = {
    projectId,
    messageId: newId(),
    runId: newId(),
    sha: Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString("hex"),
    buildId: newId(),
    jobId: newId(),
    sessionId: session?.id ?? "",
    keyId: key.id,
  }
  const { messageId, runId, sha, buildId, jobId } = things
  const { db } = server.services
  await db.insert(messages).values({ id: messageId, projectId, role: "user", content: "Secret of mia", runId })
  await db.insert(runs).values({
    id: runId,
    projectId,
    userId: person.userId,
    messageId,
    state: "finished",
    outcome: "stopped",
    recoverable: true,
  })
  await db.insert(versions).values({ projectId, sha, number: 1, title: "One", files: 1, added: 1, removed: 0 })
  await db.insert(builds).values({ id: buildId, projectId, sha, runId, status: "success", finishedAt: new Date() })
  await db.insert(jobs).values({ id: jobId, buildId, name: "test", stage: "test", status: "success", position: 0 })
  return things
}

/** What came back, as text: the answer of a call, or all that a stream sent before it ended. */
async function call(path: string, type: string, input: object, headers: Record<string, string>) {
  const text = JSON.stringify(input)
  const response =
    type === "mutation"
      ? await fetch(`${server.url}/trpc/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: text,
        })
      : await fetch(`${server.url}/trpc/${path}?input=${encodeURIComponent(text)}`, {
          headers,
          signal: AbortSignal.timeout(5_000),
        })
  return { status: response.status, text: await response.text() }
}

function expectKind(answer: { status: number; text: string }, kind: string, type: string) {
  expect(answer.text).toContain(`"kind":"${kind}"`)
  const status = { not_found: 404, conflict: 409, unauthorized: 401, forbidden: 403 }[kind]
  // A stream says it inside.
  expect(answer.status).toBe(type === "subscription" ? 200 : (status ?? 0))
}

test("the table names every procedure, and no other", () => {
  expect(procedures.map(({ path }) => path).sort()).toEqual(Object.keys(table).sort())
})

describe("a stranger", () => {
  for (const { path, type } of procedures) {
    const entry = table[path]
    if (entry === undefined || typeof entry === "string") continue
    if ("admin" in entry) {
      test(`may not use ${path}`, async () => {
        const answer = await call(path, type, entry.admin(theirs), stranger)
        expectKind(answer, "forbidden", type)
        for (const mark of marks) expect(answer.text).not.toContain(mark)
      })
      continue
    }
    test(`finds nothing through ${path}`, async () => {
      const tries = [entry.with(theirs), ...(entry.also === undefined ? [] : [entry.also(theirs, mine)])]
      for (const input of tries) {
        const answer = await call(path, type, input, stranger)
        expectKind(answer, entry.kind ?? "not_found", type)
        expect(answer.text).not.toContain("Secret of mia")
      }
    })

    test(`learns as much through ${path} about what does not exist`, async () => {
      if (entry.kind === "conflict") return
      const nothing = Object.fromEntries(Object.keys(theirs).map((key) => [key, newId()])) as unknown as Things
      const unknown = { ...nothing, sha: "f".repeat(40) }
      const hide = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{40}/g, "id")
      const [there, nowhere] = [
        await call(path, type, entry.with(theirs), stranger),
        await call(path, type, entry.with(unknown), stranger),
      ]
      expect(hide(there.text)).toBe(hide(nowhere.text))
    })
  }

  test("sees only his own in what takes no id", async () => {
    for (const path of ["project.list", "account.get", "account.sessions", "account.keys.list", "sandbox.running"]) {
      const { status, text } = await call(path, "query", {}, stranger)
      expect(status).toBe(200)
      for (const mark of marks) expect(text).not.toContain(mark)
    }
  })
})

describe("somebody who is not signed in", () => {
  for (const { path, type } of procedures) {
    const entry = table[path]
    if (entry === undefined) continue
    test(`${entry === "public" ? "may ask" : "gets nothing from"} ${path}`, async () => {
      const input = typeof entry === "string" ? {} : "admin" in entry ? entry.admin(theirs) : entry.with(theirs)
      const answer = await call(path, type, input, {})
      if (entry === "public") expect(answer.status).toBe(200)
      else expectKind(answer, "unauthorized", type)
    })
  }
})
