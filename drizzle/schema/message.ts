import { bigserial, boolean, index, integer, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core"
import type { CodeBlock, MessagePart } from "../../shared/message.ts"
import { projects } from "./project.ts"

export const messages = pgTable(
  "messages",
  {
    id: uuid("id").primaryKey(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["user", "assistant"] }).notNull(),
    /** Written once, at the end; while the answer is open its text is in the event log. */
    content: text("content").notNull().default(""),
    parts: jsonb("parts").$type<MessagePart[]>().notNull().default([]),
    codeBlocks: jsonb("code_blocks").$type<CodeBlock[]>().notNull().default([]),
    runId: uuid("run_id"),
    versionSha: text("version_sha"),
    tokensUsed: integer("tokens_used").notNull().default(0),
    /** False while the answer is still being written. */
    complete: boolean("complete").notNull().default(true),
    /** Left behind by "edit and resend" or "try again": kept, but not part of the conversation. */
    hidden: boolean("hidden").notNull().default(false),
    position: bigserial("position", { mode: "number" }).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index("messages_project").on(t.projectId, t.position), index("messages_run").on(t.runId)],
)
