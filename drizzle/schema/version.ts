import { index, integer, pgTable, primaryKey, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core"
import { projects } from "./project.ts"

export const versions = pgTable(
  "versions",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    /** 40 hex digits. */
    sha: text("sha").notNull(),
    number: integer("number").notNull(),
    title: text("title").notNull(),
    runId: uuid("run_id"),
    files: integer("files").notNull(),
    added: integer("added").notNull(),
    removed: integer("removed").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.sha] }),
    uniqueIndex("versions_number").on(t.projectId, t.number),
    index("versions_run").on(t.runId),
  ],
)
