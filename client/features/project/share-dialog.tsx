import { useId } from "react"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { copyText } from "../../ui/copy-text.ts"
import { Dialog } from "../../ui/dialog.tsx"
import { inputClass } from "../../ui/field.tsx"
import { LiveAccessChoice } from "./live-access-choice.tsx"

const t = strings.project

/** The address of the live app, and who may open it. */
export function ShareDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const title = useStream((state) => state.project?.title ?? "")
  const liveUrl = useStream((state) => state.project?.liveUrl ?? null)
  const id = useId()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t.shareTitle(title || t.untitled)}>
      {liveUrl === null ? (
        <p className="text-muted">{t.nothingLive}</p>
      ) : (
        <div className="grid gap-1.5">
          <label htmlFor={id} className="text-sm font-semibold">
            {t.liveLink}
          </label>
          <div className="flex gap-2">
            <input id={id} readOnly value={liveUrl} onFocus={(event) => event.target.select()} className={inputClass} />
            <Button look="primary" className="h-10 phone:h-11" onClick={() => void copyText(liveUrl, t.linkCopied)}>
              {t.copyLink}
            </Button>
          </div>
        </div>
      )}
      <LiveAccessChoice />
    </Dialog>
  )
}
