import { z } from "zod"
import { cleanText } from "../../../lib/clean-text.ts"
import { tool } from "./tool.ts"

/** Ends the run with words for the person and ideas for what comes next. */
export const finishTool = tool({
  name: "finish",
  description:
    "Call this when the work is done. `summary`: two to four sentences in plain words for a person who does not program, about what the app can do now. `nextSteps`: up to three short wishes they could send next.",
  input: z.object({
    summary: z.string().trim().min(1).max(4_000),
    nextSteps: z.array(z.string().trim().min(1).max(160)).max(6).default([]),
  }),
  silent: true,
  async run({ summary, nextSteps }) {
    const part = nextSteps.length === 0 ? null : { type: "nextSteps" as const, steps: nextSteps.map(cleanText) }
    return { text: "Finished.", ok: true, ending: { words: cleanText(summary), part } }
  },
})
