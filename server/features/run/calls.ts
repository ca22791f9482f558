import type { TurnBlock } from "../../ports/model/port.ts"
import type { Answer } from "./answer.ts"
import type { Call } from "./step.ts"
import { type Bench, failed, type Tool, type ToolResult } from "./tools/tool.ts"
import { findTool } from "./tools/toolbox.ts"

/** What came of the calls of one step. */
export interface CallsDone {
  blocks: TurnBlock[]
  /** Each call with its result, to see when a model goes round in circles. */
  signatures: string[]
  /** Something of the project was changed. */
  changed: boolean
  ending: NonNullable<ToolResult["ending"]> | null
}

/** Runs the calls of a step, one after the other. Those that end the run come last, and only if all went well. */
export async function runCalls(calls: readonly Call[], bench: Bench, answer: Answer): Promise<CallsDone> {
  const done: CallsDone = { blocks: [], signatures: [], changed: false, ending: null }
  const results = new Map<Call, ToolResult>()
  const failures: string[] = []
  for (const call of [...calls].sort((a, b) => Number(endsRun(a)) - Number(endsRun(b)))) {
    bench.signal.throwIfAborted()
    const result = await runCall(call, bench, failures, done.ending !== null)
    results.set(call, result)
    if (call.shownId !== null) await answer.finished(call.shownId, result)
    if (!result.ok) failures.push(call.tool)
    if ((result.added ?? 0) + (result.removed ?? 0) > 0) done.changed = true
    if (result.ending !== undefined) done.ending = result.ending
  }
  for (const call of calls) {
    const { text, ok } = results.get(call) ?? failed("It did not run.")
    done.blocks.push({ type: "toolResult", callId: call.callId, text, failed: !ok })
    done.signatures.push(JSON.stringify([call.tool, call.input, text]))
  }
  return done
}

const endsRun = (call: Call): boolean => findTool(call.tool)?.silent === true

async function runCall(call: Call, bench: Bench, failures: string[], over: boolean): Promise<ToolResult> {
  const tool = findTool(call.tool)
  if (tool === undefined) return failed(`There is no tool called ${call.tool.slice(0, 60)}.`)
  if (tool.silent && over) return failed("The turn has ended already.")
  if (tool.name === "finish" && failures.length > 0) {
    return failed(
      `Not finished: ${failures.join(", ")} failed in the same step. Look at the results, then call finish again.`,
    )
  }
  return attempt(tool, call, bench)
}

/** A tool that breaks in a way nobody expected does not end the run: the model may find another way. */
async function attempt(tool: Tool, call: Call, bench: Bench): Promise<ToolResult> {
  try {
    const result = await tool.call(call.input, bench)
    bench.signal.throwIfAborted()
    return result
  } catch (error) {
    bench.signal.throwIfAborted()
    bench.ctx.log.error({ err: error, tool: tool.name, projectId: bench.projectId }, "a tool broke")
    return failed("Something went wrong on the server, so this was not done.")
  }
}
