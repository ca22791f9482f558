import type { ContainerInspectInfo } from "dockerode"
import { type ContainerChat, startContainerChat } from "./container-chat.ts"
import type { TestEngine } from "./engine.ts"
import { Kit } from "./gitlab/kit.ts"
import { type Login, startRegistry, type TestRegistry } from "./registry.ts"
import { until } from "./until.ts"

/** A server with its apps in containers, beside a GitLab whose pipelines push images to a registry. */
export interface ImageChat {
  readonly chat: ContainerChat
  readonly registry: TestRegistry
  /** A version with these files, once its checks are green; `image` is the one that they pushed. */
  readonly version: (projectId: string, files: Record<string, string>) => Promise<{ sha: string; image: string }>
  /** Containers of a project's live app. */
  readonly live: (projectId: string) => Promise<ContainerInspectInfo[]>
  /** Names by which images of a project were fetched. */
  readonly images: (projectId: string) => Promise<string[]>
  close(): Promise<void>
}

const ended = ["success", "failed", "canceled", "skipped"]
const checksMs = 150_000

/** `fill` puts what Dockerfiles begin with into the registry. */
export async function startImageChat(
  engine: TestEngine,
  fill: (registry: TestRegistry, login: Login) => Promise<void>,
): Promise<ImageChat> {
  const kit = new Kit()
  const jobs = { user: "gitlab-ci-token", password: "glcbt-jobs-0123456789" }
  // The registry of a GitLab takes its access tokens, too.
  const registry = await startRegistry([jobs, { user: "oauth2", password: "glpat-double-0123456789" }])
  await fill(registry, jobs)
  const gitlab = await kit.gitlab({ registry: { host: registry.host, ...jobs } })
  const chat = await startContainerChat(engine, {
    GITLAB_URL: gitlab.url,
    GITLAB_TOKEN: gitlab.token,
    GITLAB_GROUP: gitlab.group.fullPath,
  })
  const { client, docker } = chat

  const version: ImageChat["version"] = async (projectId, files) => {
    const newest = async () => (await client.build.list.query({ projectId })).builds[0]
    const before = (await newest())?.id
    await chat.write(projectId, files)
    await until(async () => {
      const build = await newest()
      return build !== undefined && build.id !== before && ended.includes(build.status)
    }, checksMs)
    const build = await newest()
    if (build?.status !== "success" || build.image === null) {
      const logs = (build?.jobs ?? []).map(async ({ id: jobId, name }) => {
        const { text } = await client.build.log.query({ projectId, buildId: build?.id ?? "", jobId })
        return `--- ${name}\n${text}`
      })
      throw new Error(`no green version with an image: ${build?.error}\n${(await Promise.all(logs)).join("\n")}`)
    }
    return { sha: build.sha, image: build.image }
  }
  const filters = (label: string) => JSON.stringify({ label: [label] })

  return {
    chat,
    registry,
    version,
    live: async (projectId) => {
      const found = await docker.listContainers({ filters: filters(`gochat.project=${projectId}`) })
      const own = found.filter(({ Labels }) => Labels["gochat.kind"] === "live")
      return Promise.all(own.map(({ Id }) => docker.getContainer(Id).inspect()))
    },
    images: async (projectId) => {
      const found = await docker.listImages({ filters: filters(`gochat.project=${projectId}`) })
      return found.flatMap(({ Labels }) => Labels?.["gochat.pushed"] ?? []).sort()
    },
    close: async () => {
      // Their images go with them; the engine outlives this server.
      const { projects } = await client.project.list.query({})
      for (const { id: projectId } of projects) await client.project.remove.mutate({ projectId })
      await chat.close()
      await kit.close()
      await registry.close()
    },
  }
}
