import { useState } from "react"
import type { Version } from "../../../shared/version.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { api } from "../../lib/trpc.ts"
import { notify } from "../../ui/notice.tsx"

const pageSize = 50

/** The versions that the stream knows, and the ones before them as they are asked for. */
export function useOlderVersions(): {
  versions: readonly Version[]
  more: boolean
  loading: boolean
  loadMore: () => void
} {
  const { projectId } = useOpenProject()
  const recent = useStream((state) => state.versions)
  const [older, setOlder] = useState<readonly Version[]>([])
  const [loading, setLoading] = useState(false)
  const known = new Set(recent.map((version) => version.sha))
  const versions = [...recent, ...older.filter((version) => !known.has(version.sha))]
  const last = versions.at(-1)
  const load = async () => {
    setLoading(true)
    try {
      const page = await api.version.list.query({ projectId, before: last?.number, limit: pageSize })
      setOlder([...older, ...page.versions])
    } catch (error) {
      notify(errorLine(error), "bad")
    } finally {
      setLoading(false)
    }
  }
  return { versions, more: last !== undefined && last.number > 1, loading, loadMore: () => void load() }
}
