import { type ComponentProps, isValidElement, memo, type ReactNode, useState } from "react"
import ReactMarkdown, { type Components } from "react-markdown"
import rehypeSanitize from "rehype-sanitize"
import remarkGfm from "remark-gfm"
import remend from "remend"
import { strings } from "../../lib/strings.ts"
import { CodeBlock } from "./code-block.tsx"
import { GrowingBlocks } from "./markdown-blocks.ts"

const textOf = (node: ReactNode): string => {
  if (typeof node === "string") return node
  if (Array.isArray(node)) return node.map(textOf).join("")
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : ""
}

function Pre({ children }: ComponentProps<"pre">) {
  if (!isValidElement<{ className?: string; children?: ReactNode }>(children)) return <pre>{children}</pre>
  const language = /language-(\S+)/.exec(children.props.className ?? "")?.[1] ?? ""
  return <CodeBlock language={language} code={textOf(children.props.children).replace(/\n$/, "")} />
}

const components: Components = {
  pre: ({ children }) => <Pre>{children}</Pre>,
  a: ({ href, children }) => (
    <a
      href={href}
      title={href === undefined ? undefined : strings.chat.linkTo(href)}
      target="_blank"
      rel="noopener noreferrer nofollow"
    >
      {children}
    </a>
  ),
  // A picture from elsewhere would tell its host who reads this.
  img: ({ alt }) => <span className="text-sm text-muted">[{strings.chat.imageBlocked(alt ?? "")}]</span>,
}

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeSanitize]} components={components}>
      {text}
    </ReactMarkdown>
  )
})

/** What the model wrote. While it grows only its last block is rendered again; raw HTML never is. */
export const Markdown = memo(function Markdown({ text, open }: { text: string; open: boolean }) {
  const [growing] = useState(() => new GrowingBlocks())
  const blocks = growing.of(text)
  return (
    <div dir="auto" className="prose">
      {blocks.map((block, index) => (
        // Blocks only grow at the end, so the place of a block is its identity.
        <Block key={index} text={open && index === blocks.length - 1 ? remend(block) : block} />
      ))}
    </div>
  )
})
