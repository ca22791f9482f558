import type { VersionRoute } from "../../../shared/project.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { ChoiceCards } from "../../ui/choice-cards.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { notify } from "../../ui/notice.tsx"
import { MergeRequestLink } from "./merge-request-link.tsx"

const t = strings.forge.route
const choices: readonly VersionRoute[] = ["direct", "mergeRequest"]

/** How versions of this project go live; a choice holds from the next version on. */
export function VersionRouteDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { projectId } = useOpenProject()
  const kept = useStream((state) => state.project?.versionRoute ?? "direct")
  const request = useStream((state) => state.project?.forge?.mergeRequest ?? null)
  const update = trpc.project.update.useMutation()
  const chosen = update.isPending ? (update.variables.versionRoute ?? kept) : kept
  const choose = async (versionRoute: VersionRoute) => {
    try {
      await update.mutateAsync({ projectId, versionRoute })
      notify(t.kept[versionRoute])
    } catch (error) {
      notify(errorLine(error), "bad")
    }
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t.title} description={t.text}>
      <ChoiceCards
        title={t.legend}
        choices={choices}
        chosen={chosen}
        words={t.name}
        hints={t.hint}
        onChoose={(choice) => void choose(choice)}
      />
      {request === null ? null : <MergeRequestLink request={request} />}
    </Dialog>
  )
}
