import { useState } from "react"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { buildLook } from "../build/build-words.ts"
import { runningRun } from "./runs.ts"

/** Tells a screen reader that an answer began, ended or failed, and how its checks went; not each word of it. */
export function Announcer() {
  const running = useStream((state) => runningRun(state.runs)?.runId)
  const ended = useStream((state) => state.runs.findLast((run) => run.state === "finished"))
  const checks = useStream((state) => state.builds[0])
  // Only an answer that was heard to begin is heard to end.
  const [heard, setHeard] = useState<string | undefined>(undefined)
  if (running !== undefined && running !== heard) setHeard(running)
  const failed = running === undefined && heard !== undefined && ended?.runId === heard && ended.outcome === "failed"
  const words = running !== undefined ? strings.chat.answering : heard === undefined || failed ? "" : strings.chat.done
  // What was so when the page was opened is no news.
  const [opened] = useState(checks)
  const look = checks === undefined || checks === opened ? null : buildLook(checks)
  return (
    <>
      <p role="status" className="sr-only">
        {words}
      </p>
      <p role="status" className="sr-only">
        {look === null || look.busy ? "" : look.words}
      </p>
      <p role="alert" className="sr-only">
        {failed ? strings.chat.failed(ended.error?.words ?? "") : ""}
      </p>
    </>
  )
}
