import { sql } from "drizzle-orm"
import { bigint, index, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core"
import { projects } from "./project.ts"

/** Where a project is at the forge. */
export const forgeProjects = pgTable("forge_projects", {
  projectId: uuid("project_id")
    .primaryKey()
    .references(() => projects.id, { onDelete: "cascade" }),
  remoteId: bigint("remote_id", { mode: "number" }).notNull(),
  path: text("path").notNull(),
  webUrl: text("web_url").notNull(),
  cloneUrl: text("clone_url").notNull(),
  branch: text("branch").notNull(),
  head: text("head"),
  title: text("title").notNull(),
  mergeRequest: jsonb("merge_request").$type<{
    number: number
    branch: string
    webUrl: string
    state: "opened" | "merged" | "closed"
  }>(),
  images: text("images"),
  /** What its hook was last given, as a hash. */
  hook: text("hook"),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
})

/** What the forge sent, stored before it is worked on. */
export const forgeDeliveries = pgTable(
  "forge_deliveries",
  {
    /** The same for every time that one piece of news is sent. */
    key: text("key").primaryKey(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    event: text("event").notNull(),
    /** The pipeline it is about, the forge's number. */
    pipeline: bigint("pipeline", { mode: "number" }),
    /** The branch it is about. */
    branch: text("branch"),
    receivedAt: timestamp("received_at", { withTimezone: true }).notNull().defaultNow(),
    handledAt: timestamp("handled_at", { withTimezone: true }),
  },
  (t) => [
    index("forge_deliveries_open")
      .on(t.receivedAt)
      .where(sql`${t.handledAt} is null`),
    index("forge_deliveries_received").on(t.receivedAt),
  ],
)

/** Projects of the forge that have to be removed there; nothing is left of them here. */
export const forgeLeftovers = pgTable("forge_leftovers", {
  remoteId: bigint("remote_id", { mode: "number" }).primaryKey(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
})
