import type { Version } from "../../../shared/version.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { notify } from "../../ui/notice.tsx"

/** Points live at a version; the stream shows that it happened. */
export function usePublish(): { publish: (version: Version) => Promise<void>; busy: boolean } {
  const { projectId } = useOpenProject()
  const mutation = trpc.version.publish.useMutation()
  const publish = async (version: Version) => {
    try {
      await mutation.mutateAsync({ projectId, sha: version.sha })
      notify(strings.project.published(version.number))
    } catch (error) {
      notify(errorLine(error), "bad")
    }
  }
  return { publish, busy: mutation.isPending }
}
