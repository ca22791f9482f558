import { ExternalLink, Monitor, RotateCw, Smartphone, Tablet } from "lucide-react"
import { useState } from "react"
import { strings } from "../../lib/strings.ts"
import { usePhone } from "../../lib/use-media.ts"
import { isComposing } from "../../ui/composing.ts"
import { IconButton, iconButtonClass } from "../../ui/icon-button.tsx"
import { Tooltip } from "../../ui/tooltip.tsx"
import { type Device, usePreview } from "./use-preview.tsx"

const t = strings.preview
const devices = [
  ["phone", Smartphone],
  ["tablet", Tablet],
  ["desktop", Monitor],
] as const satisfies readonly (readonly [Device, unknown])[]

/** The address bar of the app, reload, widths and a new tab. */
export function PreviewTools() {
  const { origin, path, go, reload, device, setDevice } = usePreview()
  const phone = usePhone()
  const [typed, setTyped] = useState<string | null>(null)
  const off = origin === null
  return (
    <>
      <div className="flex h-8 w-[250px] min-w-20 shrink items-center @max-[470px]:hidden rounded-md border border-line bg-sunken phone:h-[46px] phone:w-auto phone:flex-1">
        <IconButton label={t.reload} disabled={off} onClick={reload} className="size-[30px] phone:size-11">
          <RotateCw className="size-[15px]" aria-hidden />
        </IconButton>
        <input
          aria-label={t.address}
          disabled={off}
          value={typed ?? path}
          spellCheck={false}
          autoCapitalize="none"
          onFocus={(event) => event.target.select()}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => setTyped(null)}
          onKeyDown={(event) => {
            if (isComposing(event)) return
            if (event.key === "Enter") {
              go(typed ?? path)
              event.currentTarget.blur()
            }
            if (event.key === "Escape") event.currentTarget.blur()
          }}
          className="h-full w-full min-w-0 rounded-md bg-transparent pe-3 ps-1 text-sm text-muted focus:text-text disabled:text-faint"
        />
      </div>
      {phone ? null : (
        <div role="group" aria-label={t.widths} className="flex shrink-0 @max-[580px]:hidden">
          {devices.map(([name, Icon]) => (
            <IconButton
              key={name}
              label={t.device[name]}
              pressed={device === name}
              onClick={() => setDevice(name)}
              className={name === "tablet" ? "@max-[660px]:hidden" : undefined}
            >
              <Icon className="icon" aria-hidden />
            </IconButton>
          ))}
        </div>
      )}
      {origin === null ? null : (
        <Tooltip label={t.newTab}>
          <a href={`${origin}${path}`} target="_blank" rel="noopener" aria-label={t.newTab} className={iconButtonClass}>
            <ExternalLink className="icon" aria-hidden />
          </a>
        </Tooltip>
      )}
    </>
  )
}
