import { createHmac } from "node:crypto"
import type { Logger } from "pino"
import type { GitLabSettings } from "../../../lib/gitlab-settings.ts"
import type { Repository } from "../../repository/port.ts"
import type { Forge, RemoteLinks } from "../port.ts"
import { GitLabArtifacts } from "./artifacts.ts"
import { createGitLabClient, type GitLabClientOptions } from "./client.ts"
import { DeliveryLine } from "./delivery-line.ts"
import type { FollowTiming } from "./follow-input.ts"
import { createHealth } from "./health.ts"
import { remoteJobOf } from "./jobs-id.ts"
import { Links } from "./links.ts"
import { News } from "./news.ts"
import { type PatienceTiming, patienceTiming } from "./patience.ts"
import { listJobs } from "./pipelines.ts"
import { createRemote } from "./remote.ts"
import { removeDurably } from "./remove.ts"
import { runAtGitLab } from "./run.ts"
import { hookSigningToken, hookToken } from "./signature.ts"
import type { Tools } from "./tools.ts"

export interface GitLabForgeOptions {
  settings: GitLabSettings
  /** Where people and GitLab find this server. */
  publicUrl: string
  /** The server's own secret: what hooks are signed with comes from it, when the settings do not say. */
  secretKey: string
  repository: Repository
  links: RemoteLinks
  log: Logger
  /** Times and amounts other than the usual ones. */
  client?: Partial<Omit<GitLabClientOptions, "url" | "token">>
  timing?: { patience?: Partial<PatienceTiming>; follow?: Partial<FollowTiming> }
}

const perMinute = 240

/** A project is a repository of a GitLab group, and its checks are GitLab's pipelines. */
export function createGitLabForge(options: GitLabForgeOptions): Forge {
  const { settings, secretKey, repository, log } = options
  const secret = settings.webhookSecret ?? createHmac("sha256", secretKey).update("gitlab-webhook").digest("hex")
  const client = createGitLabClient({ perMinute, ...options.client, url: settings.url, token: settings.token })
  const tools: Tools = {
    client,
    perMinute: options.client?.perMinute ?? perMinute,
    token: settings.token,
    group: settings.group,
    repository,
    links: new Links(options.links),
    news: new News(),
    refusals: new Map(),
    log,
    hookOf: (projectId) => ({
      url: `${options.publicUrl}/webhooks/gitlab/${projectId}`,
      token: hookToken(secret, projectId),
      signingToken: hookSigningToken(secret, projectId),
    }),
    timing: { patience: { ...patienceTiming, ...options.timing?.patience }, follow: options.timing?.follow ?? {} },
  }
  const line = new DeliveryLine()
  const artifacts = new GitLabArtifacts(client)

  return {
    mode: "gitlab",
    // They run elsewhere; here each is only a question now and then.
    atOnce: { builds: 200, ofProject: 20 },
    run: (input, signal) => runAtGitLab(tools, line, input, signal),
    async artifacts({ projectId, pipeline, jobIds }) {
      const link = pipeline === null ? null : await tools.links.find(projectId)
      if (link === null || pipeline === null) return []
      const ids = new Map(jobIds.map((id) => [remoteJobOf(id), id]))
      return artifacts.list(link.remoteId, pipeline, (remoteJobId) => ids.get(remoteJobId) ?? null)
    },
    async openArtifact({ projectId, pipeline }, jobId, path) {
      const job = remoteJobOf(jobId)
      const link = pipeline === null || job === null ? null : await tools.links.find(projectId)
      if (link === null || pipeline === null || job === null) return null
      // Its number alone could be that of any job.
      const jobs = await listJobs(client, link.remoteId, pipeline)
      return jobs.some(({ id }) => id === job) ? artifacts.open(link.remoteId, job, path) : null
    },
    async removeProject(projectId) {
      const link = await tools.links.find(projectId)
      if (link !== null) await removeDurably(tools, link.remoteId)
    },
    health: createHealth(client),
    remote: createRemote(tools),
  }
}
