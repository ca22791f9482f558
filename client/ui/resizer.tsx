import { type KeyboardEvent, type PointerEvent, useRef } from "react"

interface ResizerProps {
  label: string
  value: number
  min: number
  max: number
  onChange: (value: number) => void
}

/** The line between two columns: drag it, or focus it and use the arrow keys. */
export function Resizer({ label, value, min, max, onChange }: ResizerProps) {
  const start = useRef<{ x: number; value: number } | null>(null)
  const clamp = (next: number): number => Math.min(max, Math.max(min, next))
  const down = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = { x: event.clientX, value }
    // A frame under the pointer would swallow the movement.
    document.body.dataset["resizing"] = ""
  }
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (start.current !== null) onChange(clamp(start.current.value + event.clientX - start.current.x))
  }
  const up = () => {
    start.current = null
    delete document.body.dataset["resizing"]
  }
  const press = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -24 : event.key === "ArrowRight" ? 24 : 0
    if (step === 0) return
    event.preventDefault()
    onChange(clamp(value + step))
  }
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={press}
      className="relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-line outline-none before:absolute before:inset-y-0 before:-inset-x-1 hover:bg-accent focus-visible:bg-accent focus-visible:shadow-[0_0_0_1px_var(--color-accent)]"
    />
  )
}
