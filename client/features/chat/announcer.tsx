import { useState } from "react"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { runningRun } from "./runs.ts"

/** Tells a screen reader that an answer began, ended or failed; not each word of it. */
export function Announcer() {
  const running = useStream((state) => runningRun(state.runs)?.runId)
  const ended = useStream((state) => state.runs.findLast((run) => run.state === "finished"))
  // Only an answer that was heard to begin is heard to end.
  const [heard, setHeard] = useState<string | undefined>(undefined)
  if (running !== undefined && running !== heard) setHeard(running)
  const failed = running === undefined && heard !== undefined && ended?.runId === heard && ended.outcome === "failed"
  const words = running !== undefined ? strings.chat.answering : heard === undefined || failed ? "" : strings.chat.done
  return (
    <>
      <p role="status" className="sr-only">
        {words}
      </p>
      <p role="alert" className="sr-only">
        {failed ? strings.chat.failed(ended.error?.words ?? "") : ""}
      </p>
    </>
  )
}
