import { memo, useEffect, useRef, useState } from "react"
import { languageOf, type LineHighlighter, loadHighlighter } from "../lib/highlight.ts"

/** Code in colours. It shows at once as plain text; a line that has its colours keeps them while the code grows. */
export const HighlightedCode = memo(function HighlightedCode({ code, language }: { code: string; language: string }) {
  const known = languageOf(language)
  const [highlighter, setHighlighter] = useState<LineHighlighter | null>(null)
  const wanted = useRef(known)
  wanted.current = known
  useEffect(() => {
    setHighlighter(null)
    if (known === null) return
    // Without the colours the code is still all there.
    loadHighlighter(known).then(
      (loaded) => {
        if (wanted.current === known) setHighlighter(loaded)
      },
      () => {},
    )
  }, [known])
  if (highlighter === null) return <code>{code}</code>
  const lines = highlighter.lines(code)
  return (
    <code>
      {lines.map((tokens, index) => (
        <Line key={index} tokens={tokens} last={index === lines.length - 1} />
      ))}
    </code>
  )
})

const Line = memo(function Line({ tokens, last }: { tokens: readonly { content: string; color?: string }[]; last: boolean }) {
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
