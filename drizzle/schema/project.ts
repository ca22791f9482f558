import { sql } from "drizzle-orm"
import { boolean, index, pgTable, primaryKey, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core"
import type { LiveAccess, VersionRoute } from "../../shared/project.ts"
import { user } from "./account.ts"

export const projects = pgTable(
  "projects",
  {
    id: uuid("id").primaryKey(),
    title: text("title").notNull(),
    /** False until a person or the model named it: the first wish may still set title and slug. */
    titled: boolean("titled").notNull().default(false),
    description: text("description").notNull().default(""),
    slug: text("slug"),
    template: text("template").notNull(),
    /** Chosen by a person: the model may not change it. */
    templateChosen: boolean("template_chosen").notNull().default(false),
    liveSha: text("live_sha"),
    pinned: boolean("pinned").notNull().default(false),
    liveAccess: text("live_access").$type<LiveAccess>().notNull().default("public"),
    versionRoute: text("version_route").$type<VersionRoute>().notNull().default("direct"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [uniqueIndex("projects_slug").on(t.slug), index("projects_updated").on(sql`${t.updatedAt} desc`, t.id)],
)

export const projectMembers = pgTable(
  "project_members",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["owner"] }).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.userId] }), index("project_members_user").on(t.userId)],
)
