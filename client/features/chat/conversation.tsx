import { ArrowDown } from "lucide-react"
import { useEffect, useRef } from "react"
import { useOpenProject, useOutbox, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { EmptyState } from "../../ui/empty-state.tsx"
import { Announcer } from "./announcer.tsx"
import { Composer } from "./composer.tsx"
import { conversationOrder } from "./conversation-order.ts"
import { MessageRow } from "./message-row.tsx"
import { OutgoingRow } from "./outgoing-row.tsx"
import { Queue } from "./queue.tsx"
import { queuedIds, runFor } from "./runs.ts"
import { useFollowScroll } from "./use-follow-scroll.ts"
import { useWantedRun } from "./use-wanted-run.ts"

/** What was said, and where one says more. */
export function Conversation() {
  const view = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const { following, toEnd, letGo } = useFollowScroll(view, content)
  useWantedRun(view, letGo)
  const outgoing = useOutbox()
  const waiting = outgoing.length
  useEffect(() => {
    if (waiting > 0) toEnd()
  }, [waiting, toEnd])

  return (
    <>
      <div className="relative min-h-0 flex-1">
        <div
          ref={view}
          tabIndex={0}
          aria-label={strings.project.conversation}
          role="log"
          aria-live="off"
          className="thin-scroll flex h-full flex-col overflow-y-auto outline-offset-[-2px]"
        >
          <div
            ref={content}
            className="mx-auto flex w-full max-w-[760px] flex-1 flex-col gap-5 px-5.5 pt-5.5 pb-3 phone:px-4 phone:pt-4"
          >
            <Older />
            <Messages />
            {outgoing.map((item) => (
              <OutgoingRow key={item.messageId} item={item} />
            ))}
          </div>
        </div>
        {following ? null : (
          <Button
            small
            onClick={toEnd}
            aria-label={strings.chat.newBelowLabel}
            className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-float"
          >
            {strings.chat.newBelow}
            <ArrowDown className="size-3.5" aria-hidden />
          </Button>
        )}
      </div>
      <div className="mx-auto w-full max-w-[792px] px-4 pt-2 pb-4 phone:px-3 phone:pb-3">
        <Queue />
        <Composer onSent={toEnd} />
      </div>
      <Announcer />
    </>
  )
}

function Messages() {
  const messages = useStream((state) => state.messages)
  const runs = useStream((state) => state.runs)
  const outgoing = useOutbox()
  const queued = queuedIds(runs)
  const shown = conversationOrder(messages, runs).filter((message) => !queued.has(message.id))
  if (shown.length === 0 && outgoing.length === 0) return <EmptyState>{strings.chat.empty}</EmptyState>
  const newestRun = runs.at(-1)
  return shown.map((message, index) => {
    const run = runFor(message, runs)
    // A wish that was tried again has several answers; only the last one still asks for something.
    const newest = run?.state === "finished" ? run === newestRun : index === shown.length - 1
    return <MessageRow key={message.id} message={message} run={run} newest={newest} />
  })
}

function Older() {
  const { stream } = useOpenProject()
  const cursor = useStream((state) => state.olderCursor)
  const loading = useStream((state) => state.loadingOlder)
  const mark = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (mark.current === null) return
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void stream.loadOlder()
    })
    observer.observe(mark.current)
    return () => observer.disconnect()
  }, [stream, cursor])
  if (cursor === null) return null
  return (
    <div ref={mark} className="text-center">
      <Button look="quiet" small busy={loading} onClick={() => void stream.loadOlder()}>
        {strings.chat.older}
      </Button>
    </div>
  )
}
