import { expect, test } from "bun:test"
import type { RunInfo } from "../../../shared/chat.ts"
import type { Message } from "../../../shared/message.ts"
import { conversationOrder } from "./conversation-order.ts"

const message = (role: Message["role"], id: string, runId: string): Message => ({
  id,
  role,
  runId,
  content: "",
  parts: [],
  codeBlocks: [],
  versionSha: null,
  tokensUsed: 0,
  createdAt: "",
})
const wish = (id: string, runId: string) => message("user", id, runId)
const answer = (id: string, runId: string) => message("assistant", id, runId)
const ids = (messages: readonly Message[], runs: readonly RunInfo[] = []) =>
  conversationOrder(messages, runs).map(({ id }) => id)

test("an answer stands below its wish, also when another wish was said in between", () => {
  expect(ids([wish("A", "1"), wish("B", "2"), answer("a", "1"), answer("b", "2")])).toEqual(["A", "a", "B", "b"])
})

test("what was in order stays as it was", () => {
  expect(ids([wish("A", "1"), answer("a", "1"), wish("B", "2"), answer("b", "2")])).toEqual(["A", "a", "B", "b"])
})

test("all answers to a wish that was tried again stand below it, in their order", () => {
  const cut: RunInfo = {
    runId: "1",
    messageId: "A",
    answerId: "a1",
    state: "finished",
    outcome: "interrupted",
    error: null,
    recoverable: false,
  }
  const said = [wish("A", "3"), answer("a1", "1"), wish("B", "2"), answer("b", "2"), answer("a2", "3")]
  expect(ids(said, [cut])).toEqual(["A", "a1", "a2", "B", "b"])
})

test("an answer whose wish is on an earlier page keeps its place", () => {
  expect(ids([answer("a", "1"), wish("B", "2"), answer("b", "2")])).toEqual(["a", "B", "b"])
})
