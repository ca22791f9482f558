import { z } from "zod"
import { cleanText } from "../../../lib/clean-text.ts"
import { tool } from "./tool.ts"

/** Ends the run with a question; the answer is the person's next message. */
export const askUserTool = tool({
  name: "ask_user",
  description:
    "Ask the person one question when you cannot go on sensibly without the answer. It ends your turn; they answer with their next message. Prefer a sensible assumption over a question.",
  input: z.object({
    question: z.string().trim().min(1).max(1_000),
    choices: z.array(z.string().trim().min(1).max(120)).max(6).default([]).describe("Short answers to choose from"),
  }),
  silent: true,
  async run({ question, choices }) {
    const part = { type: "question" as const, question: cleanText(question), choices: choices.map(cleanText) }
    return { text: "Asked.", ok: true, ending: { words: "", part } }
  },
})
