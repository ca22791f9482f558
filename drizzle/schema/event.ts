import { sql } from "drizzle-orm"
import { bigint, index, integer, json, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core"
import type { News } from "../../shared/events.ts"
import { projects } from "./project.ts"

/** One row per project: the last number given out, and from where the log is whole. */
export const streams = pgTable("streams", {
  projectId: uuid("project_id")
    .primaryKey()
    .references(() => projects.id, { onDelete: "cascade" }),
  seq: bigint("seq", { mode: "number" }).notNull().default(0),
  /** Events up to and with this number may be missing from the log. */
  floor: bigint("floor", { mode: "number" }).notNull().default(0),
  /** Rises whenever a run is claimed or taken away; who writes with an older number is refused. */
  fence: integer("fence").notNull().default(0),
})

export const events = pgTable(
  "events",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => streams.projectId, { onDelete: "cascade" }),
    seq: bigint("seq", { mode: "number" }).notNull(),
    type: text("type").$type<News["type"]>().notNull(),
    /** The run or build it belongs to: its transient rows go a day after that ended. */
    subjectId: uuid("subject_id"),
    /** The event without `seq` and `at`; json, not jsonb, so that a replay gives the same bytes as the live stream. */
    body: json("body").$type<News>().notNull(),
    at: timestamp("at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.seq] }),
    index("events_transient")
      .on(t.at)
      .where(sql`${t.type} in ('message.delta', 'tool.delta', 'build.log')`),
  ],
)
