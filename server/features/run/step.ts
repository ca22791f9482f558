import type { RunUsage } from "../../../shared/run.ts"
import type { Logger } from "pino"
import type { Model, ModelRequest, StopReason } from "../../ports/model/port.ts"
import type { Answer } from "./answer.ts"
import { orAborted, StepBroken } from "./end.ts"
import { PartialInput } from "./partial-input.ts"
import { findTool } from "./tools/toolbox.ts"

const progressMs = 50

/** A call as the model made it; `shownId` is null for one that is not shown as a line of work. */
export interface Call {
  callId: string
  tool: string
  input: unknown
  shownId: string | null
}

/** What came of one request to the model. */
export interface Step {
  text: string
  calls: Call[]
  /** Lines of work that began and whose call never came whole. */
  cut: string[]
  /** A call that is not shown began and never came whole. */
  cutSilently: boolean
  stop: StopReason
}

export interface StepInput {
  model: Model
  request: ModelRequest
  answer: Answer
  usage: RunUsage
  log: Logger
  signal: AbortSignal
  /** Called when the answer has begun. */
  onBegun: () => void
}

interface Open {
  shownId: string | null
  input: PartialInput
  told: { at: number; lines: number; path: string | undefined }
}

/**
 * Asks the model once and tells what comes as it comes. When it fails with nothing told yet, the error is thrown as
 * it is; afterwards as the cause of `StepBroken`.
 */
export async function takeStep({ model, request, answer, usage, log, signal, onBegun }: StepInput): Promise<Step> {
  const step: Step = { text: "", calls: [], cut: [], cutSilently: false, stop: "end" }
  const open = new Map<string, Open>()

  const begin = async (callId: string, tool: string): Promise<Open> => {
    const shownId = findTool(tool)?.silent ? null : await orAborted(answer.started(callId, tool), signal)
    const begun = { shownId, input: new PartialInput(), told: { at: 0, lines: 0, path: undefined } }
    open.set(callId, begun)
    return begun
  }

  try {
    for await (const event of model.stream(request, signal)) {
      signal.throwIfAborted()
      if (event.type !== "waiting") onBegun()
      switch (event.type) {
        case "text":
          step.text += event.text
          answer.text(event.text)
          break
        case "toolStart":
          await begin(event.callId, event.tool)
          break
        case "toolInput": {
          const call = open.get(event.callId)
          if (call !== undefined) tell(answer, call, event.json)
          break
        }
        case "toolCall": {
          const { callId, tool, input } = event
          const call = open.get(callId) ?? (await begin(callId, tool))
          open.delete(callId)
          step.calls.push({ callId, tool, input, shownId: call.shownId })
          break
        }
        case "waiting":
          log.info({ seconds: event.seconds, kind: event.kind }, "the model provider asks us to wait")
          break
        case "usage":
          usage.input += event.usage.input
          usage.output += event.usage.output
          usage.cached += event.usage.cached
          break
        case "stop":
          step.stop = event.reason
          break
      }
    }
  } catch (error) {
    const told = step.text !== "" || step.calls.length > 0 || open.size > 0
    throw told ? new StepBroken("the model failed in the middle of a step", { cause: error }) : error
  }
  signal.throwIfAborted()
  for (const { shownId } of open.values()) {
    if (shownId === null) step.cutSilently = true
    else step.cut.push(shownId)
  }
  return step
}

/** How far a call has come, at most every 50 ms; the name of the file at once. */
function tell(answer: Answer, call: Open, json: string): void {
  const { input, told, shownId } = call
  input.push(json)
  if (shownId === null || (input.lines === told.lines && input.path === told.path)) return
  const now = performance.now()
  if (now - told.at < progressMs && input.path === told.path) return
  call.told = { at: now, lines: input.lines, path: input.path }
  answer.progress(shownId, { lines: input.lines, path: input.path })
}
