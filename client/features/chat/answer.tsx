import type { Message, MessagePart, ToolPart } from "../../../shared/message.ts"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Markdown } from "./markdown.tsx"
import { NextSteps } from "./next-steps.tsx"
import { Questions } from "./questions.tsx"
import { Receipt } from "./receipt.tsx"
import { hiddenTools, ToolList } from "./tool-list.tsx"
import { Working } from "./working.tsx"

type Group = { kind: "text"; text: string } | { kind: "tools"; tools: ToolPart[] }

/** Text and tool calls in the order they came; calls in a row belong together. */
function groupsOf(parts: readonly MessagePart[]): Group[] {
  const groups: Group[] = []
  for (const part of parts) {
    const last = groups.at(-1)
    if (part.type === "text" && part.text.trim() !== "") groups.push({ kind: "text", text: part.text })
    if (part.type !== "tool" || hiddenTools.has(part.tool)) continue
    if (last?.kind === "tools") last.tools.push(part)
    else groups.push({ kind: "tools", tools: [part] })
  }
  return groups
}

/** What the person said next. */
const wordsAfter = (messages: readonly Message[], id: string): string | undefined =>
  messages.slice(messages.findIndex((message) => message.id === id) + 1).find(({ role }) => role === "user")?.content

interface AnswerProps {
  message: Message
  /** The model is still writing it. */
  open: boolean
  newest: boolean
}

/** What the AI said and did, and what came of it. */
export function Answer({ message, open, newest }: AnswerProps) {
  const groups = groupsOf(message.parts)
  // What a stopped answer left behind becomes a version only when it is kept.
  const kept = useStream((state) => state.versions.find((version) => version.runId === message.runId)?.sha ?? null)
  const sha = message.versionSha ?? (message.runId === null ? null : kept)
  const questions = message.parts.filter((part) => part.type === "question")
  const said = useStream((state) => (questions.length === 0 ? undefined : wordsAfter(state.messages, message.id)))
  const steps = message.parts.flatMap((part) => (part.type === "nextSteps" ? part.steps : []))
  const writing = open && groups.at(-1)?.kind === "text"
  const acting =
    open &&
    message.parts.some((part) => part.type === "tool" && part.state === "running" && !hiddenTools.has(part.tool))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3" aria-busy={open || undefined}>
      {groups.map((group, index) =>
        group.kind === "text" ? (
          <div key={index} className={writing && index === groups.length - 1 ? "writing" : undefined}>
            <Markdown text={group.text} open={writing && index === groups.length - 1} />
          </div>
        ) : (
          <ToolList key={index} tools={group.tools} versionSha={sha} open={open} />
        ),
      )}
      {open && !writing && !acting ? <Working words={strings.chat.working} /> : null}
      {questions.length > 0 ? <Questions questions={questions} active={newest && !open} answer={said} /> : null}
      {sha === null ? null : <Receipt sha={sha} />}
      {steps.length > 0 && newest && !open ? <NextSteps steps={steps} /> : null}
    </div>
  )
}
