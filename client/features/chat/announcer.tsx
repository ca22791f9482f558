import { useEffect, useRef, useState } from "react"
import { useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { runningRun } from "./runs.ts"

/** Tells a screen reader that an answer began, ended or failed; not each word of it. */
export function Announcer() {
  const running = useStream((state) => runningRun(state.runs)?.runId)
  const ended = useStream((state) => state.runs.findLast((run) => run.state === "finished"))
  const before = useRef<string | undefined>(undefined)
  const [words, setWords] = useState("")
  const [problem, setProblem] = useState("")
  useEffect(() => {
    if (running !== undefined) {
      setWords(strings.chat.answering)
      setProblem("")
    } else if (before.current !== undefined) {
      const failed = ended?.runId === before.current && ended.outcome === "failed"
      setWords(failed ? "" : strings.chat.done)
      setProblem(failed ? strings.chat.failed(ended.error?.words ?? "") : "")
    }
    before.current = running
  }, [running, ended])
  return (
    <>
      <p role="status" className="sr-only">
        {words}
      </p>
      <p role="alert" className="sr-only">
        {problem}
      </p>
    </>
  )
}
