import { Toast } from "@base-ui/react/toast"
import { X } from "lucide-react"
import { strings } from "../lib/strings.ts"
import { cx } from "../lib/cx.ts"
import { iconButtonClass } from "./icon-button.tsx"

const manager = Toast.createToastManager()

/** Says in passing that something was done, or that it was not. Used sparingly. */
export function notify(words: string, tone: "plain" | "bad" = "plain"): void {
  manager.add({
    title: words,
    type: tone,
    priority: tone === "bad" ? "high" : "low",
    timeout: tone === "bad" ? 8000 : 4000,
  })
}

function List() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={cx(
        "flex items-center gap-2 rounded-lg border bg-surface ps-4 pe-1.5 py-1.5 shadow-float transition-opacity duration-150 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0",
        toast.type === "bad" ? "border-bad text-bad" : "border-line text-text",
      )}
    >
      <Toast.Title className="min-w-0 flex-1 py-1 text-sm" />
      <Toast.Close aria-label={strings.common.close} className={iconButtonClass}>
        <X className="icon" aria-hidden />
      </Toast.Close>
    </Toast.Root>
  ))
}

/** Where notices appear; once per page. */
export function Notices() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="fixed inset-x-4 bottom-4 z-60 mx-auto grid max-w-96 gap-2 phone:bottom-20">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}
