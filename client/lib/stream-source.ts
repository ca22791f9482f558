import type { ProjectEvent } from "../../shared/events.ts"
import type { StreamSource } from "./stream-store.ts"
import { api } from "./trpc.ts"

const pageSize = 60

/** One project's facts and news over tRPC. */
export function serverSource(projectId: string): StreamSource {
  return {
    async load() {
      const history = await api.chat.history.query({ projectId, limit: pageSize })
      const [project, { versions }, { builds }, draft] = await Promise.all([
        api.project.get.query({ projectId }),
        api.version.list.query({ projectId }),
        api.build.list.query({ projectId }),
        api.sandbox.get.query({ projectId, kind: "draft" }),
      ])
      return { history, rest: { project, versions, builds, sandboxes: [draft] } }
    },
    older: (before) => api.chat.history.query({ projectId, before, limit: pageSize }),
    watch(seq, on) {
      const subscription = api.event.watch.subscribe(
        { projectId, lastEventId: String(seq) },
        {
          onData: (tracked: { data: ProjectEvent }) => on.event(tracked.data),
          onError: on.failed,
          onConnectionStateChange: ({ state }) => on.connected(state === "pending"),
        },
      )
      return () => subscription.unsubscribe()
    },
  }
}
