import { strings } from "../lib/strings.ts"
import { Dialog } from "../ui/dialog.tsx"

/** All keys on one card. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={onClose} title={strings.keys.shortcuts}>
      <dl className="grid gap-2">
        {strings.keys.list.map(([keys, what]) => (
          <div key={keys} className="flex items-center justify-between gap-4">
            <dt className="order-2 rounded-sm border border-line bg-sunken px-2 py-0.5 font-mono text-xs whitespace-nowrap">
              {keys}
            </dt>
            <dd className="order-1 text-muted">{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
