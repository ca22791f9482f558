import { sql } from "drizzle-orm"
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"
import type { RunError, RunOutcome, RunUsage } from "../../shared/run.ts"
import { projects } from "./project.ts"

export const runs = pgTable(
  "runs",
  {
    id: uuid("id").primaryKey(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    /** The person who asked. */
    userId: uuid("user_id").notNull(),
    /** The person's message. */
    messageId: uuid("message_id").notNull(),
    /** The answer, from the moment the run starts. */
    answerId: uuid("answer_id"),
    model: text("model"),
    state: text("state", { enum: ["queued", "running", "finished"] }).notNull(),
    outcome: text("outcome").$type<RunOutcome>(),
    error: jsonb("error").$type<RunError>(),
    usage: jsonb("usage").$type<RunUsage>(),
    recoverable: boolean("recoverable").notNull().default(false),
    stopRequested: boolean("stop_requested").notNull().default(false),
    /** Order in line within a project, and among projects. */
    position: bigserial("position", { mode: "number" }).notNull(),
    /** Rises with each claim; `appendEvents` refuses an older one. */
    fence: integer("fence").notNull().default(0),
    /** Position of the log when it was claimed: its events come after. */
    eventsFrom: bigint("events_from", { mode: "number" }).notNull().default(0),
    leaseUntil: timestamp("lease_until", { withTimezone: true }),
    leaseHolder: text("lease_holder"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    startedAt: timestamp("started_at", { withTimezone: true }),
    finishedAt: timestamp("finished_at", { withTimezone: true }),
  },
  (t) => [
    uniqueIndex("runs_one_running")
      .on(t.projectId)
      .where(sql`${t.state} = 'running'`),
    index("runs_waiting")
      .on(t.position)
      .where(sql`${t.state} <> 'finished'`),
    index("runs_project").on(t.projectId, t.position),
    index("runs_message").on(t.messageId),
  ],
)
