import { useEffect, useRef, useState } from "react"
import { cx } from "../../lib/cx.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { readPreviewMessage } from "./preview-messages.ts"
import { type Device, usePreview } from "./use-preview.tsx"

const t = strings.preview
const widths: Record<Device, string> = {
  desktop: "w-full",
  tablet: "w-[768px] max-w-full",
  phone: "w-[390px] max-w-full",
}
const errorsKept = 5
/** The app is another origin, so its own origin may stay; it may not move this page or ask for devices. */
const allowed =
  "allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads"

/** The running app. It is loaded again when a version is made; what goes wrong in it is offered to the AI. */
export function PreviewFrame({ origin, draft }: { origin: string; draft: boolean }) {
  const { wanted, device, setPath, reload } = usePreview()
  const frame = useRef<HTMLIFrameElement>(null)
  // Errors belong to one load of the frame; the next one starts without any.
  const [found, setFound] = useState<{ turn: number; errors: readonly string[] }>({ turn: 0, errors: [] })
  const errors = found.turn === wanted.turn ? found.errors : []
  const newest = useStream((state) => state.versions[0]?.sha)
  // An answer that did not end well takes its files back, so what the frame shows may be gone.
  const undone = useStream((state) => state.runs.findLast((run) => run.state === "finished")?.runId)
  const shown = useRef({ newest, undone })

  useEffect(() => {
    if (!draft || (shown.current.newest === newest && shown.current.undone === undone)) return
    shown.current = { newest, undone }
    reload()
  }, [draft, newest, undone, reload])
  useEffect(() => {
    const receive = (event: MessageEvent) => {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return
      const message = readPreviewMessage(event.data)
      if (message?.type === "path") setPath(message.path)
      if (message?.type === "error") {
        const { text } = message
        setFound((known) => {
          const before = known.turn === wanted.turn ? known.errors : []
          return { turn: wanted.turn, errors: before.includes(text) ? before : [...before, text].slice(-errorsKept) }
        })
      }
    }
    addEventListener("message", receive)
    return () => removeEventListener("message", receive)
  }, [origin, setPath, wanted.turn])

  return (
    <>
      <div className="flex min-h-0 flex-1 justify-center p-4.5 phone:p-0">
        <iframe
          key={wanted.turn}
          ref={frame}
          title={t.title}
          src={`${origin}${wanted.path}`}
          sandbox={allowed}
          allow="clipboard-write; fullscreen"
          className={cx(
            "h-full rounded-lg border border-line bg-paper shadow-card [color-scheme:light] phone:rounded-none phone:border-0",
            widths[device],
          )}
        />
      </div>
      {errors.length === 0 ? null : (
        <AppErrors errors={errors} onDismiss={() => setFound({ turn: wanted.turn, errors: [] })} />
      )}
    </>
  )
}

function AppErrors({ errors, onDismiss }: { errors: readonly string[]; onDismiss: () => void }) {
  const { outbox } = useOpenProject()
  return (
    <div className="mx-4.5 mb-4 flex flex-wrap items-center gap-2 rounded-lg border border-line bg-surface py-1.5 ps-4 pe-1.5 text-sm text-muted phone:mx-3">
      <p className="min-w-0 flex-1 basis-40" title={errors.join("\n")}>
        {t.errors(errors.length)}
      </p>
      <Button
        small
        onClick={() => {
          outbox.add(t.errorWish(errors.join("\n")))
          onDismiss()
        }}
      >
        {t.askFix}
      </Button>
      <Button small look="quiet" onClick={onDismiss}>
        {t.dismiss}
      </Button>
    </div>
  )
}
