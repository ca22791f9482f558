import { setTimeout as sleep } from "node:timers/promises"
import type { RunUsage } from "../../../shared/run.ts"
import { type Model, ModelError, type ModelRequest } from "../../ports/model/port.ts"
import type { Answer } from "./answer.ts"
import { type CallsDone, runCalls } from "./calls.ts"
import { type RunEnd, RunFailed } from "./end.ts"
import { type Step, takeStep } from "./step.ts"
import { type Talk, tokensOf } from "./talk.ts"
import { toolbox } from "./tools/toolbox.ts"
import type { Bench } from "./tools/tool.ts"

const mostSteps = 60
/** The same call with the same result so many times: the model goes round in circles. */
const mostRepeats = 4
const mostCuts = 4
const mostContinues = 6
/** On top of what the adapter does by itself. */
const mostRetries = 1
const longestWaitSeconds = 60

const notes = {
  lastStep:
    "There are no more steps. Without tools, tell the person in a few plain words what is done and what is left.",
  circles:
    "You have made the same call with the same result several times. Stop here and tell the person in plain words what is done, what did not work and what they could do.",
  cutOnce:
    "Your last tool call was cut off by the output limit, so it did not run. There is more room now: make the call again.",
  cutAgain:
    "Your last tool call was cut off by the output limit again, so it did not run. Write less at once: split the file into smaller files, or write a first part with write_file and add the rest with edit_file.",
  goOn: "Continue exactly where you stopped, without repeating anything.",
  words: "Tell the person in one or two plain sentences what you did.",
} as const

export interface Conversation {
  model: Model
  name: string
  system: string[]
  talk: Talk
  maxTokens: number
  answer: Answer
  usage: RunUsage
  bench: Bench
  /** Called when the answer has begun. */
  onBegun: () => void
}

/** The conversation between model and tools, from the wish to the end. Every way out is a `RunEnd` or an error that `endOf` knows. */
export async function converse(conversation: Conversation): Promise<RunEnd> {
  const { answer, talk } = conversation
  const seen = new Map<string, number>()
  const limits = { maxTokens: conversation.maxTokens, cuts: 0, continues: 0, askedForWords: false }
  /** Set when tools are withdrawn: the next step is the last. */
  let closing: string | null = null

  for (let number = 1; ; number++) {
    if (number >= mostSteps) closing ??= notes.lastStep
    if (closing !== null) talk.say(closing)
    const step = await askModel(conversation, limits.maxTokens, closing === null)
    for (const shownId of linesCut(step)) await answer.finished(shownId, { ok: false })
    if (step.stop === "refusal") throw new RunFailed("provider_refused")
    if (step.stop === "context") throw new RunFailed("provider_context")

    if (step.stop === "tools" && step.calls.length > 0 && closing === null) {
      const done = await useTools(conversation, step)
      if (done.ending !== null) {
        if (answer.silent) answer.text(done.ending.words)
        return { outcome: "completed", part: done.ending.part }
      }
      if (goesInCircles(seen, done)) closing = notes.circles
      answer.paragraph()
      continue
    }

    if (step.text !== "") talk.add("assistant", [{ type: "text", text: step.text }])
    if (closing !== null && step.stop !== "length") return ended(answer)
    if (step.stop === "length" && step.text !== "" && !hasCalls(step)) {
      limits.continues++
      if (limits.continues > mostContinues) return ended(answer)
      talk.say(notes.goOn)
    } else if (step.stop === "length") {
      limits.cuts++
      if (limits.cuts >= mostCuts) closing = notes.lastStep
      if (limits.cuts === 1) limits.maxTokens *= 2
      talk.say(limits.cuts === 1 ? notes.cutOnce : notes.cutAgain)
      answer.paragraph()
    } else if (step.stop === "pause") {
      limits.continues++
      if (limits.continues > mostContinues) return ended(answer)
      talk.say(notes.goOn)
    } else if (answer.silent && !limits.askedForWords) {
      // It ended without a word since its last work; a person needs some.
      limits.askedForWords = true
      closing = notes.words
    } else return ended(answer)
  }
}

/** A call that is not allowed to run (the stop reason is not `tools`) is as cut as one that never came whole. */
const linesCut = (step: Step): string[] =>
  step.stop === "tools" ? step.cut : [...step.cut, ...step.calls.flatMap(({ shownId }) => shownId ?? [])]

const hasCalls = (step: Step): boolean => step.calls.length + step.cut.length > 0 || step.cutSilently

function ended(answer: Answer): RunEnd {
  const { content, parts } = answer.message
  if (content === "" && parts.length === 0) throw new RunFailed("provider_cut", "The AI gave an empty answer.")
  return { outcome: "completed", part: null }
}

async function useTools({ talk, answer, bench }: Conversation, step: Step): Promise<CallsDone> {
  talk.add("assistant", [
    ...(step.text === "" ? [] : [{ type: "text" as const, text: step.text }]),
    ...step.calls.map(({ callId, tool, input }) => ({ type: "toolCall" as const, callId, tool, input })),
  ])
  const done = await runCalls(step.calls, bench, answer)
  talk.add("user", done.blocks)
  return done
}

function goesInCircles(seen: Map<string, number>, { signatures, changed }: CallsDone): boolean {
  // After a change of the project the same call is a new one.
  if (changed) seen.clear()
  return signatures.some((signature) => {
    const count = (seen.get(signature) ?? 0) + 1
    seen.set(signature, count)
    return count >= mostRepeats
  })
}

/** One step; asked again when the provider failed in a passing way before anything of it was told. */
async function askModel(conversation: Conversation, maxTokens: number, withTools: boolean): Promise<Step> {
  const { model, name, system, talk, answer, usage, bench, onBegun } = conversation
  const tools = withTools ? toolbox.map((tool) => tool.spec) : []
  talk.fit(roomFor(conversation, maxTokens))
  const request: ModelRequest = { model: name, system, tools, turns: talk.turns, maxTokens }
  for (let retry = 1; ; retry++) {
    try {
      return await takeStep({ model, request, answer, usage, log: bench.ctx.log, signal: bench.signal, onBegun })
    } catch (error) {
      if (bench.signal.aborted || !(error instanceof ModelError) || !error.retryable || retry > mostRetries) throw error
      // Nobody watches an empty answer for longer than it takes to find a provider silent, or than a minute.
      if (error.kind === "provider_silent" || (error.waitSeconds ?? 0) > longestWaitSeconds) throw error
      bench.ctx.log.info({ err: error, retry }, "a step is asked again")
      const seconds = error.waitSeconds ?? 2 ** retry / 2
      await sleep(seconds * 1000, undefined, { signal: bench.signal }).catch(() => undefined)
      bench.signal.throwIfAborted()
    }
  }
}

/** What the turns may take of the window: 80 % of it, with room for the answer, less what comes before them. */
function roomFor({ model, name, system }: Conversation, maxTokens: number): number {
  const window = model.window(name)
  const room = Math.max(Math.min(window * 0.8, window - maxTokens), window * 0.3)
  return room - tokensOf([system, toolbox.map((tool) => tool.spec)])
}
