import { sql } from "drizzle-orm"
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core"
import type { BuildStatus } from "../../shared/build.ts"
import { projects } from "./project.ts"

export const builds = pgTable(
  "builds",
  {
    id: uuid("id").primaryKey(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    sha: text("sha").notNull(),
    runId: uuid("run_id"),
    status: text("status").$type<BuildStatus>().notNull(),
    stage: text("stage"),
    error: text("error"),
    webUrl: text("web_url"),
    /** The forge's number of the pipeline. */
    pipeline: bigint("pipeline", { mode: "number" }),
    /** Where the version was delivered to at the forge. */
    branch: text("branch"),
    /** What the pipeline made and pushed to a registry. */
    image: text("image"),
    /** A person wants it to run again, and nobody has taken that up yet. */
    again: boolean("again").notNull().default(false),
    position: bigserial("position", { mode: "number" }).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    finishedAt: timestamp("finished_at", { withTimezone: true }),
  },
  (t) => [
    index("builds_project").on(t.projectId, t.position),
    index("builds_sha").on(t.projectId, t.sha),
    index("builds_pipeline").on(t.projectId, t.pipeline),
    index("builds_open")
      .on(t.position)
      .where(sql`${t.finishedAt} is null`),
  ],
)

export const jobs = pgTable(
  "jobs",
  {
    id: uuid("id").primaryKey(),
    buildId: uuid("build_id")
      .notNull()
      .references(() => builds.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    stage: text("stage").notNull(),
    status: text("status").$type<BuildStatus>().notNull(),
    allowFailure: boolean("allow_failure").notNull().default(false),
    webUrl: text("web_url"),
    position: integer("position").notNull(),
    startedAt: timestamp("started_at", { withTimezone: true }),
    finishedAt: timestamp("finished_at", { withTimezone: true }),
  },
  (t) => [index("jobs_build").on(t.buildId, t.position)],
)

/** The log of a job in pieces; `from` counts characters. */
export const jobLogs = pgTable(
  "job_logs",
  {
    jobId: uuid("job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    from: integer("from").notNull(),
    text: text("text").notNull(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.from] })],
)
