import type { Version } from "../../../shared/version.ts"
import { strings } from "../../lib/strings.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { WebLink } from "../../ui/web-link.tsx"
import type { MergeState } from "../forge/merge-state.ts"
import { useMergeState } from "../forge/use-merge-state.ts"
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
  const merge = useMergeState(version?.sha)
  const confirm = async () => {
    if (version === null) return
    await publish(version)
    onClose()
  }
  return (
    <Dialog
      open={version !== null}
      onOpenChange={onClose}
      title={titleOf(merge, version?.number ?? 0)}
      description={describe(merge, older)}
      actions={
        <>
          <Button onClick={onClose}>{merge === null ? strings.common.cancel : strings.common.close}</Button>
          {merge?.type === "waiting" ? (
            <WebLink href={merge.request.webUrl} className={buttonClass("primary")}>
              {strings.forge.openRequest}
            </WebLink>
          ) : merge === null ? (
            <Button look="primary" busy={busy} onClick={() => void confirm()}>
              {t.publish}
            </Button>
          ) : null}
        </>
      }
    />
  )
}

function titleOf(merge: MergeState | null, version: number): string {
  if (merge === null) return t.publishTitle(version)
  return merge.type === "waiting" ? strings.forge.waitingTitle(version) : strings.forge.closedTitle(version)
}

function describe(merge: MergeState | null, older: boolean): string | undefined {
  if (merge === null) return older ? t.publishOlder : undefined
  const { number } = merge.request
  return merge.type === "waiting" ? strings.forge.waitingText(number) : strings.forge.closedText(number)
}
