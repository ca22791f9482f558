import { memo, useEffect, useState } from "react"
import { languageOf, type LineHighlighter, loadHighlighter } from "../lib/highlight.ts"

/** Code in colours. It shows at once as plain text; a line that has its colours keeps them while the code grows. */
export const HighlightedCode = memo(function HighlightedCode({ code, language }: { code: string; language: string }) {
  const known = languageOf(language)
  const [highlighter, setHighlighter] = useState<LineHighlighter | null>(null)
  useEffect(() => {
    if (known === null) return
    let wanted = true
    const load = async () => {
      try {
        const loaded = await loadHighlighter(known)
        if (wanted) setHighlighter(loaded)
      } catch {
        // Without the colours the code is still all there.
      }
    }
    void load()
    return () => {
      wanted = false
    }
  }, [known])
  if (highlighter === null || highlighter.language !== known) return <code>{code}</code>
  const lines = highlighter.lines(code)
  return (
    <code>
      {lines.map((tokens, index) => (
        <Line key={index} tokens={tokens} last={index === lines.length - 1} />
      ))}
    </code>
  )
})

const Line = memo(function Line({
  tokens,
  last,
}: {
  tokens: readonly { content: string; color?: string }[]
  last: boolean
}) {
  return (
    <>
      {tokens.map((token, index) => (
        <span key={index} style={{ color: token.color }}>
          {token.content}
        </span>
      ))}
      {last ? null : "\n"}
    </>
  )
})
