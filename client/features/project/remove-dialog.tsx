import { useNavigate } from "@tanstack/react-router"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { notify } from "../../ui/notice.tsx"

const t = strings.project

/** Asks before a project goes for good. */
export function RemoveDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { projectId } = useOpenProject()
  const title = useStream((state) => state.project?.title ?? "")
  const navigate = useNavigate()
  const remove = trpc.project.remove.useMutation()
  const confirm = async () => {
    try {
      await remove.mutateAsync({ projectId })
      await navigate({ to: "/" })
      void queries.project.list.invalidate()
      notify(t.removed)
    } catch (error) {
      notify(errorLine(error), "bad")
    }
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t.removeTitle(title || t.untitled)}
      description={t.removeText}
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>{strings.common.cancel}</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => void confirm()}>
            {t.removeYes}
          </Button>
        </>
      }
    />
  )
}
