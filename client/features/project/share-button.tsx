import { Share2 } from "lucide-react"
import { useState } from "react"
import { strings } from "../../lib/strings.ts"
import { useMedia } from "../../lib/use-media.ts"
import { Button } from "../../ui/button.tsx"
import { IconButton } from "../../ui/icon-button.tsx"
import { ShareDialog } from "./share-dialog.tsx"

const t = strings.project

/** Opens what there is to share. */
export function ShareButton() {
  const [open, setOpen] = useState(false)
  const narrow = useMedia("(width < 64rem)")
  return (
    <>
      {narrow ? (
        <IconButton label={t.share} onClick={() => setOpen(true)}>
          <Share2 className="icon" aria-hidden />
        </IconButton>
      ) : (
        <Button look="quiet" onClick={() => setOpen(true)}>
          {t.share}
        </Button>
      )}
      <ShareDialog open={open} onOpenChange={setOpen} />
    </>
  )
}
