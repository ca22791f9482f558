import { cx } from "../../lib/cx.ts"

/** What the person said, as they typed it. */
export function PersonBubble({ text, faded = false }: { text: string; faded?: boolean }) {
  return (
    <div
      dir="auto"
      className={cx(
        "max-w-[85%] self-end rounded-xl rounded-ee-[4px] bg-accent-soft px-3.5 py-2.5 whitespace-pre-wrap",
        faded && "opacity-70",
      )}
    >
      {text}
    </div>
  )
}
