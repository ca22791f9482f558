import {
  Download,
  EllipsisVertical,
  ExternalLink,
  GitBranch,
  GitPullRequest,
  Rocket,
  Share2,
  Trash2,
} from "lucide-react"
import { useState } from "react"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { webAddress } from "../../lib/web-address.ts"
import { copyText } from "../../ui/copy-text.ts"
import { iconButtonClass } from "../../ui/icon-button.tsx"
import { Menu, MenuItem, MenuLine, MenuLink } from "../../ui/menu.tsx"
import { VersionRouteDialog } from "../forge/version-route-dialog.tsx"
import { cloneAddress } from "./clone-address.ts"
import { RemoveDialog } from "./remove-dialog.tsx"
import { ShareDialog } from "./share-dialog.tsx"

const t = strings.project

/** What is done with a project now and then. */
export function ProjectMenu() {
  const { projectId } = useOpenProject()
  const slug = useStream((state) => state.project?.slug ?? null)
  const forge = useStream((state) => state.project?.forge ?? null)
  const inGitLab = trpc.system.info.useQuery().data?.forge === "gitlab"
  const page = webAddress(forge?.webUrl)
  const request = webAddress(forge?.mergeRequest?.webUrl)
  const [sharing, setSharing] = useState(false)
  const [routing, setRouting] = useState(false)
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
        {inGitLab ? (
          <MenuItem icon={<Rocket className="icon" aria-hidden />} onSelect={() => setRouting(true)}>
            {strings.forge.goLive}
          </MenuItem>
        ) : null}
        {page === null ? null : (
          <>
            <MenuLine />
            <MenuLink elsewhere icon={<ExternalLink className="icon" aria-hidden />} href={page}>
              {strings.forge.open}
            </MenuLink>
          </>
        )}
        {request === null || forge?.mergeRequest == null ? null : (
          <MenuLink elsewhere icon={<GitPullRequest className="icon" aria-hidden />} href={request}>
            {strings.forge.mergeRequest(forge.mergeRequest.number, forge.mergeRequest.state)}
          </MenuLink>
        )}
        <MenuLine />
        <MenuItem danger icon={<Trash2 className="icon" aria-hidden />} onSelect={() => setRemoving(true)}>
          {t.remove}
        </MenuItem>
      </Menu>
      <ShareDialog open={sharing} onOpenChange={setSharing} />
      {inGitLab ? <VersionRouteDialog open={routing} onOpenChange={setRouting} /> : null}
      <RemoveDialog open={removing} onOpenChange={setRemoving} />
    </>
  )
}
