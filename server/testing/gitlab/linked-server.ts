import { createGoChatClient, type GoChatClient } from "../../../shared/client.ts"
import type { Build } from "../../../shared/build.ts"
import type { ProjectEvent } from "../../../shared/events.ts"
import { parseEvent } from "../../features/event/stored-event.ts"
import { readAfter } from "../../features/event/store.ts"
import { createSync } from "../../features/forge/create-sync.ts"
import { createRemoteLinks } from "../../features/forge/remote-links.ts"
import { findLink } from "../../features/forge/store.ts"
import type { SyncTiming } from "../../features/forge/sync-timing.ts"
import { freePort } from "../../lib/free-port.ts"
import { createGitLabForge } from "../../ports/forge/gitlab/create-gitlab-forge.ts"
import type { Model } from "../../ports/model/port.ts"
import { startTestServer, type TestServer } from "../server.ts"
import { until } from "../until.ts"
import type { GitLabDouble } from "./double.ts"
import type { ScriptedPipeline } from "./scripted-pipeline.ts"

export const webhookSecret = "a secret that hooks are signed with"

/** A project here and at GitLab, its newest pipeline in the hands of the test. */
export interface LinkedProject {
  readonly id: string
  /** GitLab's number. */
  readonly remoteId: number
  readonly pipeline: ScriptedPipeline
  build(): Promise<Build>
  events(): Promise<ProjectEvent[]>
}

/** A server whose projects are at a GitLab, which reaches it with its hooks. */
export interface LinkedServer {
  readonly server: TestServer
  readonly gitlab: GitLabDouble
  readonly client: GoChatClient
  /** Makes one, and a version whose pipeline waits for the test. `yaml`: its checks. */
  project(yaml?: string): Promise<LinkedProject>
  /** Sends a message as GitLab would; the answer's status. */
  hook(projectId: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** From here on news are worked on at this pace, as after a new start. */
  restartSync(times: Partial<SyncTiming>): Promise<void>
  stop(): Promise<void>
}

export const oneCheck = "check: { script: ['true'] }\n"

/**
 * Starts it; `gitlab` stays the caller's. `perMinute`: how much the server may ask it; `pollMs`: how long those who follow
 * a pipeline wait when there is no news.
 */
export async function startLinkedServer(
  gitlab: GitLabDouble,
  { model, perMinute = 6_000, pollMs }: { model?: Model; perMinute?: number; pollMs?: number } = {},
): Promise<LinkedServer> {
  const port = await freePort()
  const server = await startTestServer(
    {
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      PREVIEW_DOMAIN: `preview.localhost:${port}`,
      GITLAB_URL: gitlab.url,
      GITLAB_TOKEN: gitlab.token,
      GITLAB_GROUP: gitlab.group.fullPath,
      GITLAB_WEBHOOK_SECRET: webhookSecret,
      MAX_PROJECTS_PER_USER: "1000",
    },
    { model },
  )
  const { services } = server
  const { publicUrl, secretKey, gitlab: settings } = services.config
  if (settings === null) throw new Error("the server has no GitLab")
  // As it was made, but for its patience: nobody else asks this GitLab.
  const { repository, log } = services
  const links = createRemoteLinks(services)
  services.forge = createGitLabForge({
    settings,
    publicUrl,
    secretKey,
    repository,
    links,
    log,
    client: { perMinute },
    timing: { follow: pollMs === undefined ? {} : { firstMs: pollMs, longestMs: pollMs } },
  })
  const { apiKey } = await server.signUp()
  const client = createGoChatClient({ url: server.url, apiKey })
  let made = 0

  return {
    server,
    gitlab,
    client,
    async project(yaml = oneCheck) {
      gitlab.settings.pipelines = "scripted"
      const { id } = await client.project.create.mutate({ title: `Shop ${++made}`, template: "static" })
      await client.file.write.mutate({ projectId: id, path: ".gitlab-ci.yml", content: yaml })
      const build = async () => {
        const { builds } = await client.build.list.query({ projectId: id })
        if (builds[0] === undefined) throw new Error("there is no build")
        return builds[0]
      }
      await until(async () => (await build()).webUrl !== null)
      const { remoteId } = (await findLink(services.db, id)) ?? { remoteId: 0 }
      const events = async () => (await readAfter(services.db, id, 0, 100_000)).map(parseEvent)
      return { id, remoteId, pipeline: gitlab.script(remoteId), build, events }
    },
    hook: (projectId, body, headers = {}) =>
      fetch(`${server.url}/webhooks/gitlab/${projectId}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      }),
    async restartSync(times) {
      await services.sync.close()
      services.sync = createSync(services, times)
      services.sync.start()
    },
    stop: () => server.stop(),
  }
}
