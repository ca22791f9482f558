import { pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core"
import type { SandboxCause, SandboxKind, SandboxState } from "../../shared/sandbox.ts"
import { projects } from "./project.ts"

/** Last known state of each workspace; `sha` is empty for the draft. */
export const sandboxes = pgTable(
  "sandboxes",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    kind: text("kind").$type<SandboxKind>().notNull(),
    sha: text("sha").notNull().default(""),
    state: text("state").$type<SandboxState>().notNull(),
    reason: text("reason"),
    cause: text("cause").$type<SandboxCause>(),
    usedAt: timestamp("used_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.kind, t.sha] })],
)
