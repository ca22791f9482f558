import type { LiveAccess } from "../../../shared/project.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { ChoiceCards } from "../../ui/choice-cards.tsx"
import { notify } from "../../ui/notice.tsx"

const t = strings.project.access
const choices: readonly LiveAccess[] = ["public", "members"]

/** Who may open the live app; a choice holds at once. */
export function LiveAccessChoice() {
  const { projectId } = useOpenProject()
  const kept = useStream((state) => state.project?.liveAccess ?? "public")
  const update = trpc.project.update.useMutation()
  const chosen = update.isPending ? (update.variables.liveAccess ?? kept) : kept
  const choose = async (liveAccess: LiveAccess) => {
    try {
      await update.mutateAsync({ projectId, liveAccess })
      notify(t.kept[liveAccess])
    } catch (error) {
      notify(errorLine(error), "bad")
    }
  }
  return (
    <ChoiceCards
      title={t.title}
      choices={choices}
      chosen={chosen}
      words={t}
      hints={t.hint}
      onChoose={(choice) => void choose(choice)}
    />
  )
}
