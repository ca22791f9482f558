import type { RemoteForge } from "../port.ts"
import { isGitLab } from "./errors.ts"
import { refreshRequest } from "./deliver-request.ts"
import { fetchMain } from "./fetch-main.ts"
import { showPipeline } from "./pipelines.ts"
import { removeRemoteProject, renameRemoteProject } from "./projects.ts"
import { checkSetup } from "./setup.ts"
import { verifyHook } from "./signature.ts"
import { readState } from "./states.ts"
import type { Tools } from "./tools.ts"
import { keepWatch } from "./watch-project.ts"

/** A project that nobody has: only to ask whether GitLab sends to us at all. */
const nobody = "00000000-0000-4000-8000-000000000000"

/** What GitLab is to the rest, beside running pipelines. */
export function createRemote(tools: Tools): RemoteForge {
  const { client, links } = tools
  return {
    url: client.url,
    async fetch(projectId, signal) {
      const link = await links.find(projectId)
      if (link === null) return null
      const { head, seen } = await fetchMain(tools, projectId, link, signal)
      // What a push saw meanwhile is newer.
      await links.change(projectId, link.remoteId, (now) => (now.head === seen ? { head } : {}))
      return head
    },
    async rename(projectId, title, signal) {
      const link = await links.find(projectId)
      if (link === null) return
      await renameRemoteProject(client, link.remoteId, title, signal)
      await links.change(projectId, link.remoteId, () => ({ title }))
    },
    async watch(projectId, signal) {
      const link = await links.find(projectId)
      if (link !== null) await keepWatch(tools, projectId, link, signal)
    },
    hint: (projectId, pipeline) => tools.news.tell(projectId, pipeline),
    async pipelineStatus(projectId, pipeline, signal) {
      const link = await links.find(projectId)
      if (link === null) return null
      try {
        const { status, started_at: startedAt } = await showPipeline(client, link.remoteId, pipeline, signal)
        return readState(status, startedAt != null).status
      } catch (error) {
        if (isGitLab(error, "missing")) return null
        throw error
      }
    },
    async mergeRequest(projectId, signal) {
      const link = await links.find(projectId)
      return link === null ? null : refreshRequest(tools, projectId, link, signal)
    },
    verify(projectId, { headers, body }) {
      const { token, signingToken } = tools.hookOf(projectId)
      return verifyHook({ headers, body, token, signingToken })
    },
    async check(signal) {
      const report = await checkSetup(client, { group: tools.group, webhookUrl: tools.hookOf(nobody).url }, signal)
      // What real projects met; the look itself finds nothing while there is none, or an older hook stands.
      const [refused] = tools.refusals.values()
      if (refused === undefined || report.warnings.includes(refused)) return report
      return { ...report, warnings: [...report.warnings, refused] }
    },
    async removeLeftover(remoteId, signal) {
      await removeRemoteProject(client, remoteId, signal)
      await links.store.removed(remoteId)
    },
  }
}
