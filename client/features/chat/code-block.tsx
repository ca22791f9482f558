import { Check, Copy, WrapText } from "lucide-react"
import { useState } from "react"
import { cx } from "../../lib/cx.ts"
import { strings } from "../../lib/strings.ts"
import { HighlightedCode } from "../../ui/highlighted-code.tsx"
import { IconButton } from "../../ui/icon-button.tsx"
import { notify } from "../../ui/notice.tsx"

/** A fenced block of an answer: what language it is, copy, wrap. */
export function CodeBlock({ language, code }: { language: string; code: string }) {
  const [wrap, setWrap] = useState(false)
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code)
      setCopied(true)
      setTimeout(() => setCopied(false), 2000)
    } catch {
      notify(strings.common.copyFailed, "bad")
    }
  }
  return (
    <figure className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
      <figcaption className="flex items-center gap-1 border-b border-line py-0.5 ps-3 pe-1 text-sm text-muted">
        <span className="flex-1 font-mono text-xs">{language || strings.chat.text}</span>
        <IconButton
          label={wrap ? strings.chat.noWrap : strings.chat.wrap}
          pressed={wrap}
          onClick={() => setWrap(!wrap)}
        >
          <WrapText className="icon" aria-hidden />
        </IconButton>
        <IconButton label={copied ? strings.common.copied : strings.common.copy} onClick={() => void copy()}>
          {copied ? <Check className="icon text-good" aria-hidden /> : <Copy className="icon" aria-hidden />}
        </IconButton>
      </figcaption>
      <pre
        // Focusable, so that the keyboard can scroll it.
        tabIndex={0}
        aria-label={language || strings.chat.code}
        className={cx(
          "thin-scroll max-h-[420px] overflow-auto px-3 py-2.5 font-mono text-[12.5px] leading-[1.6]",
          wrap && "whitespace-pre-wrap",
        )}
      >
        <HighlightedCode code={code} language={language} />
      </pre>
    </figure>
  )
}
