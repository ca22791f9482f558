import { and, eq, inArray, ne } from "drizzle-orm"
import { user } from "../../../drizzle/schema/account.ts"
import { streams } from "../../../drizzle/schema/event.ts"
import { projectMembers, projects } from "../../../drizzle/schema/project.ts"
import { runs } from "../../../drizzle/schema/run.ts"
import { sandboxes } from "../../../drizzle/schema/sandbox.ts"
import { id } from "../../../shared/ids.ts"
import type { SandboxCause, SandboxState } from "../../../shared/sandbox.ts"
import type { Queryable } from "../../lib/database.ts"
import type { EventTx } from "../event/append.ts"
import type { AppProject, AppTarget } from "./target.ts"

export interface StateRow {
  target: AppTarget
  slug: string | null
  state: SandboxState
  reason: string | null
  cause: SandboxCause | null
}

/** All states that were ever written down. */
export async function listStates(q: Queryable): Promise<StateRow[]> {
  const rows = await q
    .select({ row: sandboxes, slug: projects.slug })
    .from(sandboxes)
    .innerJoin(projects, eq(projects.id, sandboxes.projectId))
  return rows.map(({ row, slug }) => ({
    target: { projectId: row.projectId, kind: row.kind, ref: row.sha },
    slug,
    state: row.state,
    reason: row.reason,
    cause: row.cause,
  }))
}

/** Writes a state down; false when the project is gone. Locks its stream first, like whoever removes it. */
export async function saveState(tx: EventTx, { target, state, reason, cause }: StateRow): Promise<boolean> {
  const { projectId, kind, ref: sha } = target
  const [stream] = await tx
    .select({ seq: streams.seq })
    .from(streams)
    .where(eq(streams.projectId, projectId))
    .for("update")
  if (stream === undefined) return false
  const usedAt = new Date()
  await tx
    .insert(sandboxes)
    .values({ projectId, kind, sha, state, reason, cause, usedAt })
    .onConflictDoUpdate({
      target: [sandboxes.projectId, sandboxes.kind, sandboxes.sha],
      set: { state, reason, cause, usedAt },
    })
  if (kind === "live") {
    const others = and(eq(sandboxes.projectId, projectId), eq(sandboxes.kind, kind), ne(sandboxes.sha, sha))
    await tx.delete(sandboxes).where(others)
  }
  return true
}

export async function ownerOf(q: Queryable, projectId: string): Promise<string | null> {
  const [row] = await q
    .select({ userId: projectMembers.userId })
    .from(projectMembers)
    .where(and(eq(projectMembers.projectId, projectId), eq(projectMembers.role, "owner")))
  return row?.userId ?? null
}

export interface OwnedProject {
  id: string
  title: string
  slug: string | null
  owner: { id: string; email: string }
}

/** These projects with the one whose limit they count for. */
export async function ownedProjects(q: Queryable, projectIds: string[]): Promise<OwnedProject[]> {
  if (projectIds.length === 0) return []
  return q
    .select({
      id: projects.id,
      title: projects.title,
      slug: projects.slug,
      owner: { id: user.id, email: user.email },
    })
    .from(projects)
    .innerJoin(projectMembers, and(eq(projectMembers.projectId, projects.id), eq(projectMembers.role, "owner")))
    .innerJoin(user, eq(user.id, projectMembers.userId))
    .where(inArray(projects.id, projectIds))
}

export async function findAppProject(q: Queryable, projectId: string): Promise<AppProject | null> {
  const [row] = await q
    .select({ id: projects.id, slug: projects.slug, liveSha: projects.liveSha })
    .from(projects)
    .where(eq(projects.id, projectId))
  return row ?? null
}

/** Which of these projects there are. */
export async function existingProjects(q: Queryable, projectIds: string[]): Promise<Set<string>> {
  const known = projectIds.filter((one) => id.safeParse(one).success)
  if (known.length === 0) return new Set()
  const rows = await q.select({ id: projects.id }).from(projects).where(inArray(projects.id, known))
  return new Set(rows.map((row) => row.id))
}

/** Which of these projects have a run at work. */
export async function withRun(q: Queryable, projectIds: string[]): Promise<Set<string>> {
  if (projectIds.length === 0) return new Set()
  const rows = await q
    .select({ projectId: runs.projectId })
    .from(runs)
    .where(and(inArray(runs.projectId, projectIds), eq(runs.state, "running")))
  return new Set(rows.map((row) => row.projectId))
}
