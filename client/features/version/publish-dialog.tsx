import type { Version } from "../../../shared/version.ts"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { usePublish } from "./use-publish.ts"

const t = strings.version

/** Points the live address at a version; an older one stays until the newest is published again. */
export function PublishDialog({
  version,
  older,
  onClose,
}: {
  version: Version | null
  older: boolean
  onClose: () => void
}) {
  const { publish, busy } = usePublish()
  const confirm = async () => {
    if (version === null) return
    await publish(version)
    onClose()
  }
  return (
    <Dialog
      open={version !== null}
      onOpenChange={onClose}
      title={t.publishTitle(version?.number ?? 0)}
      description={older ? t.publishOlder : undefined}
      actions={
        <>
          <Button onClick={onClose}>{strings.common.cancel}</Button>
          <Button look="primary" busy={busy} onClick={() => void confirm()}>
            {t.publish}
          </Button>
        </>
      }
    />
  )
}
