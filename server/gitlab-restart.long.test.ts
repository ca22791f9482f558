import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { eq } from "drizzle-orm"
import { forgeDeliveries, forgeProjects } from "../drizzle/schema/forge.ts"
import { type Build, finishedStatuses } from "../shared/build.ts"
import type { GoChatClient } from "../shared/client.ts"
import { parseEvent } from "./features/event/stored-event.ts"
import { readAfter } from "./features/event/store.ts"
import { freePort } from "./lib/free-port.ts"
import { hookToken } from "./ports/forge/gitlab/signature.ts"
import { testDatabase, type TestDatabase } from "./testing/database.ts"
import type { GitLabDouble } from "./testing/gitlab/double.ts"
import { call, Kit } from "./testing/gitlab/kit.ts"
import { signUp, spawnServer, type SpawnedServer } from "./testing/spawned-server.ts"
import { until } from "./testing/until.ts"

/** One server is killed while versions of many projects are on their way; the next one brings each to its one end. */
setDefaultTimeout(60_000)
const kit = new Kit()
const yaml = "check: { script: ['true'] }\n"
let gitlab: GitLabDouble
let database: TestDatabase
let server: SpawnedServer
let client: GoChatClient
const env: Record<string, string> = { LOG_LEVEL: "warn", GITLAB_WEBHOOK_SECRET: "the first secret" }

beforeAll(async () => {
  gitlab = await kit.gitlab({ pipelines: "scripted" })
  database = await testDatabase()
  const port = String(await freePort())
  Object.assign(env, {
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: database.url,
    GITLAB_URL: gitlab.url,
    GITLAB_TOKEN: gitlab.token,
    GITLAB_GROUP: gitlab.group.fullPath,
  })
  server = await spawnServer(env)
  client = (await signUp(server.url)).client
})
afterAll(async () => {
  await server.close()
  await gitlab.settled()
  expect(gitlab.violations).toEqual([])
  await database.close()
  await kit.close()
})

/** A project here, by its title, and what is at GitLab of it. */
class Project {
  private constructor(
    readonly id: string,
    readonly name: string,
  ) {}

  static async create(name: string): Promise<Project> {
    const { id } = await client.project.create.mutate({ title: name, template: "static" })
    return new Project(id, name)
  }

  async version(): Promise<void> {
    await client.file.write.mutate({ projectId: this.id, path: ".gitlab-ci.yml", content: yaml })
  }

  async build(): Promise<Build> {
    const { builds } = await client.build.list.query({ projectId: this.id })
    if (builds[0] === undefined) throw new Error("there is no build")
    return builds[0]
  }

  async is(status: Build["status"]): Promise<Build> {
    await until(async () => (await this.build()).status === status, 30_000)
    return this.build()
  }

  async remoteId(): Promise<number> {
    const [row] = await database.db.select().from(forgeProjects).where(eq(forgeProjects.projectId, this.id))
    return row?.remoteId ?? 0
  }

  async pipelines() {
    return gitlab.pipelines(await this.remoteId())
  }

  async script() {
    await until(async () => (await this.pipelines()).length > 0, 30_000)
    return gitlab.script(await this.remoteId())
  }

  /** How often the one check began at GitLab. */
  async checks(): Promise<number> {
    return (await this.script()).pipeline.jobs.filter((job) => job.name === "check").length
  }

  /** Requests of this project that GitLab did. */
  async done(method: string, path: RegExp): Promise<number> {
    const remoteId = await this.remoteId()
    const ours = ({ path: at }: { path: string }) =>
      at.includes(`/projects/${remoteId}/`) || at.includes(`/${this.name}.git/`)
    return gitlab.requests.filter(
      (one) => one.method === method && path.test(one.path) && ours(one) && (one.status < 300 && one.status > 0 || one.trouble === "lost"), // prettier-ignore
    ).length
  }

  /** How the newest build ended, each time that it did. */
  async ends(): Promise<string[]> {
    const events = (await readAfter(database.db, this.id, 0, 100_000)).map(parseEvent)
    const { id } = await this.build()
    const told = events.flatMap((event) =>
      event.type === "build.changed" && event.build.id === id ? [event.build] : [],
    )
    return told.flatMap(({ status }, at) =>
      finishedStatuses.includes(status) && told[at - 1]?.status !== status ? [status] : [],
    )
  }
}

interface Moment {
  /** Brings a new project there. */
  prepare(project: Project): Promise<void>
  /** What is so right before the end of the first server. */
  holds(project: Project): Promise<void>
  /** What happens while no server runs. */
  down?(project: Project): Promise<void>
  /** How its checks ended, in the end. */
  ends: string[]
  retries?: number
  /** Instead of the check that goes on after the restart. */
  after?(project: Project): Promise<void>
}

const unanswered = { times: 10_000, trouble: { kind: "html", status: 503 } } as const

const moments: Record<string, Moment> = {
  "before-the-push": {
    async prepare(project) {
      gitlab.trouble({ path: new RegExp(`/${project.name}\\.git/`), ...unanswered })
      await project.version()
      await until(async () => (await project.build()).error !== null)
    },
    async holds(project) {
      expect([await project.remoteId(), await project.pipelines()]).toEqual([expect.any(Number), []])
      expect(await gitlab.head(await project.remoteId())).toBeNull()
    },
    ends: ["success"],
  },
  "after-the-push": {
    async prepare(project) {
      gitlab.settings.pipelineDelayMs = 300
      await project.version()
      const remote = () => [...gitlab.world.projects.values()].find(({ path }) => path === project.name)
      await until(() => remote() !== undefined)
      gitlab.trouble({ path: new RegExp(`/projects/${remote()?.id}/pipelines`), ...unanswered })
      await until(async () => (await project.pipelines()).length === 1)
      gitlab.settings.pipelineDelayMs = 5
    },
    async holds(project) {
      expect([(await project.build()).webUrl, (await project.pipelines()).length]).toEqual([null, 1])
    },
    ends: ["success"],
  },
  "while-jobs-run": {
    async prepare(project) {
      await project.version()
      ;(await project.script()).set("check", "running", { log: "half of it\n" })
      await project.is("running")
    },
    async holds(project) {
      expect((await project.build()).jobs).toMatchObject([{ status: "running" }])
    },
    ends: ["success"],
  },
  "goes-on-without-us": {
    async prepare(project) {
      await moments["while-jobs-run"]?.prepare(project)
    },
    async holds(project) {
      await moments["while-jobs-run"]?.holds(project)
    },
    async down(project) {
      ;(await project.script()).set("check", "failed", { log: "error: it broke\n" })
    },
    async after(project) {
      expect((await project.is("failed")).error).toBe("error: it broke")
    },
    ends: ["failed"],
  },
  "before-a-retry": {
    async prepare(project) {
      await ended(project, "failed")
      const path = new RegExp(`/projects/${await project.remoteId()}/jobs/\\d+/retry`)
      gitlab.trouble({ method: "POST", path, ...unanswered })
      await retry(project)
      await until(async () => (await project.build()).error !== null)
    },
    async holds(project) {
      expect([(await project.build()).finishedAt, await project.checks()]).toEqual([null, 1])
    },
    ends: ["failed", "success"],
    retries: 1,
  },
  "after-a-retry": {
    async prepare(project) {
      await ended(project, "failed")
      const path = new RegExp(`/projects/${await project.remoteId()}/jobs/\\d+/retry`)
      gitlab.trouble({ method: "POST", path, trouble: { kind: "lost" } })
      await retry(project)
      await until(() => gitlab.requests.some((one) => path.test(one.path)))
      // It is not seen that it was done.
      gitlab.trouble({ path: new RegExp(`/projects/${await project.remoteId()}/`), ...unanswered })
      await until(async () => (await project.build()).error !== null)
    },
    async holds(project) {
      expect([(await project.build()).finishedAt, await project.checks()]).toEqual([null, 2])
    },
    ends: ["failed", "success"],
    retries: 1,
  },
  "news-not-worked-on": {
    async prepare(project) {
      await ended(project, "failed")
    },
    async holds(project) {
      expect([(await project.build()).status, await project.checks()]).toEqual(["failed", 1])
    },
    async down(project) {
      const script = await project.script()
      const job = script.job("check")
      expect(await call(gitlab, `POST /projects/${await project.remoteId()}/jobs/${job.id}/retry`)).toMatchObject({ status: 201 }) // prettier-ignore
      // As if it had been killed right after the door.
      const of = eq(forgeDeliveries.projectId, project.id)
      const open = await database.db.update(forgeDeliveries).set({ handledAt: null }).where(of).returning()
      expect(open.length).toBeGreaterThan(0)
    },
    ends: ["failed", "success"],
    retries: 1,
  },
}

async function ended(project: Project, status: "failed" | "success"): Promise<void> {
  await project.version()
  ;(await project.script()).set("check", "running").set("check", status, { log: "error: no\n" })
  await project.is(status)
}

async function retry(project: Project): Promise<void> {
  await client.build.retry.mutate({ projectId: project.id, buildId: (await project.build()).id })
}

describe("a server that was killed", () => {
  const projects = new Map<string, Project>()

  beforeAll(async () => {
    for (const [name, moment] of Object.entries(moments)) {
      const project = await Project.create(name)
      projects.set(name, project)
      await moment.prepare(project)
    }
    for (const [name, project] of projects) await moments[name]?.holds(project)
    await server.end("SIGKILL")
    gitlab.calm()
    await gitlab.settled()
    for (const [name, project] of projects) await moments[name]?.down?.(project)
    env["GITLAB_WEBHOOK_SECRET"] = "another secret of the operator"
    await server.restart()
  })

  test.each(Object.entries(moments))(
    "%s: it comes to its end, once, and nothing is done twice",
    async (name, moment) => {
      const project = projects.get(name)
      if (project === undefined) throw new Error("it was not prepared")
      if (moment.after === undefined) {
        // A retry makes a job of its own.
        await until(async () => (await project.checks()) >= (moment.retries ?? -1) + 1, 30_000)
        ;(await project.script()).set("check", "running").set("check", "success", { log: "fine\n" })
        await project.is("success")
      } else await moment.after(project)
      const build = await project.build()
      expect(build.jobs).toMatchObject([{ name: "check", status: moment.ends.at(-1) }])
      expect(await project.ends()).toEqual(moment.ends)
      expect(await project.pipelines()).toMatchObject([{ sha: build.sha, source: "push" }])
      expect(await project.done("POST", /git-receive-pack/)).toBe(1)
      expect(await project.done("POST", /\/pipeline$|\/pipelines\/\d+\/(?:retry|cancel)/)).toBe(0)
      expect(await project.done("POST", /\/jobs\/\d+\/retry/)).toBe(moment.retries ?? 0)
      expect(await client.version.list.query({ projectId: project.id })).toMatchObject({
        versions: [{ sha: build.sha }],
      })
    },
  )

  test("there is one project, one hook with the secret that holds now, and no news that are left", async () => {
    expect(gitlab.world.projects.size).toBe(projects.size)
    const hooks = () => [...gitlab.world.hooks.values()]
    await until(async () => {
      const wanted = [...projects.values()].map(({ id }) => hookToken("another secret of the operator", id))
      return hooks().map(({ token }) => token ?? "").toSorted().join() === wanted.toSorted().join()
    }, 60_000) // prettier-ignore
    const open = () => database.db.select().from(forgeDeliveries)
    await until(async () => (await open()).every(({ handledAt }) => handledAt !== null), 30_000)
    expect(server.output()).not.toContain("could not be written down")
  })
})
