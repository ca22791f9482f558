import { expect, test } from "bun:test"
import type { RunInfo } from "../../../shared/chat.ts"
import type { Message } from "../../../shared/message.ts"
import { queuedIds, queuedRuns, runFor, runningRun } from "./runs.ts"

const run = (runId: string, state: RunInfo["state"], more: Partial<RunInfo> = {}): RunInfo => ({
  runId,
  messageId: `wish-${runId}`,
  answerId: null,
  state,
  outcome: null,
  error: null,
  recoverable: false,
  ...more,
})
const message = (id: string): Message => ({
  id,
  role: "user",
  content: "",
  parts: [],
  codeBlocks: [],
  runId: null,
  versionSha: null,
  tokensUsed: 0,
  createdAt: "",
})

test("behind a running answer every waiting message is in line", () => {
  const runs = [run("1", "running"), run("2", "queued"), run("3", "queued")]
  expect(runningRun(runs)?.runId).toBe("1")
  expect([...queuedIds(runs)]).toEqual(["wish-2", "wish-3"])
})

test("while the server has no room the first one is said already, only the others wait in line", () => {
  expect(queuedRuns([run("1", "queued"), run("2", "queued")]).map(({ runId }) => runId)).toEqual(["2"])
})

test("a run shows at its answer, and at the wish while there is none", () => {
  const tried = run("1", "finished", { answerId: "answer", messageId: "wish", outcome: "failed" })
  const again = run("2", "running", { messageId: "wish" })
  expect(runFor(message("answer"), [tried, again])).toBe(tried)
  expect(runFor(message("wish"), [tried, again])).toBe(again)
  expect(runFor(message("wish"), [tried])).toBeUndefined()
})
