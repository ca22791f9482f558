import { useMutation } from "@tanstack/react-query"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { api } from "../../lib/trpc.ts"
import { logLines } from "../build/log-text.ts"

const lines = 40
const chars = 3_000

/** The end of a log for a message: whole lines, and nothing that would end the block they stand in. */
export function logEnd(text: string): string {
  const end = logLines(text).slice(-lines).join("\n").trim().replaceAll("```", "'''")
  if (end.length <= chars) return end
  const cut = end.slice(-chars)
  return cut.slice(cut.indexOf("\n") + 1)
}

/** Asks the AI to repair an app that does not start, with the reason and the end of what the app wrote. */
export function useFixApp(): { fix: (reason: string) => void; busy: boolean } {
  const { projectId, outbox } = useOpenProject()
  const { mutate, isPending } = useMutation({
    mutationFn: async (reason: string) => {
      // The reason alone is worth sending too.
      const { text } = await api.sandbox.log.query({ projectId, kind: "draft" }).catch(() => ({ text: "" }))
      outbox.add(strings.preview.fixWish([reason, logEnd(text)].filter((part) => part !== "").join("\n\n")))
    },
  })
  return { fix: mutate, busy: isPending }
}
