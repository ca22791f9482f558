import { Download, EllipsisVertical, GitBranch, Share2, Trash2 } from "lucide-react"
import { useState } from "react"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { copyText } from "../../ui/copy-text.ts"
import { iconButtonClass } from "../../ui/icon-button.tsx"
import { Menu, MenuItem, MenuLine, MenuLink } from "../../ui/menu.tsx"
import { cloneAddress } from "./clone-address.ts"
import { RemoveDialog } from "./remove-dialog.tsx"
import { ShareDialog } from "./share-dialog.tsx"

const t = strings.project

/** What is done with a project now and then. */
export function ProjectMenu() {
  const { projectId } = useOpenProject()
  const slug = useStream((state) => state.project?.slug ?? null)
  const [sharing, setSharing] = useState(false)
  const [removing, setRemoving] = useState(false)
  return (
    <>
      <Menu
        trigger={
          <button type="button" aria-label={t.menu} className={iconButtonClass}>
            <EllipsisVertical className="icon" aria-hidden />
          </button>
        }
      >
        <MenuItem icon={<Share2 className="icon" aria-hidden />} onSelect={() => setSharing(true)}>
          {t.share}
        </MenuItem>
        <MenuLink icon={<Download className="icon" aria-hidden />} href={`/files/${projectId}.zip`} download>
          {t.download}
        </MenuLink>
        <MenuItem
          icon={<GitBranch className="icon" aria-hidden />}
          disabled={slug === null}
          onSelect={() => void (slug !== null && copyText(cloneAddress(slug), t.cloneCopied))}
        >
          {t.clone}
        </MenuItem>
        <MenuLine />
        <MenuItem danger icon={<Trash2 className="icon" aria-hidden />} onSelect={() => setRemoving(true)}>
          {t.remove}
        </MenuItem>
      </Menu>
      <ShareDialog open={sharing} onOpenChange={setSharing} />
      <RemoveDialog open={removing} onOpenChange={setRemoving} />
    </>
  )
}
