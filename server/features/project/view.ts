import type { Project, ProjectForge, ProjectStatus } from "../../../shared/project.ts"
import { AppError } from "../../app-error.ts"
import type { Config } from "../../config.ts"
import type { Queryable } from "../../lib/database.ts"
import { type ProjectFacts, readFacts } from "./store.ts"

type Addresses = Pick<Config, "publicUrl" | "previewDomain">

/** Projects as people see them, in the order of `ids`; those that are gone are left out. */
export async function projectViews(q: Queryable, config: Addresses, ids: string[]): Promise<Project[]> {
  const facts = new Map((await readFacts(q, ids)).map((fact) => [fact.project.id, fact]))
  return ids.flatMap((id) => {
    const fact = facts.get(id)
    return fact === undefined ? [] : [viewOf(fact, config)]
  })
}

/** One project as people see it. Who may see it is checked before. */
export async function projectView(q: Queryable, config: Addresses, projectId: string): Promise<Project> {
  const [project] = await projectViews(q, config, [projectId])
  if (project === undefined) throw new AppError("not_found")
  return project
}

function viewOf(facts: ProjectFacts, config: Addresses): Project {
  const { id, title, description, slug, template, liveSha, pinned, liveAccess, versionRoute, createdAt } = facts.project
  return {
    id,
    title,
    description,
    slug,
    template,
    status: statusOf(facts),
    buildStatus: facts.buildStatus,
    messageCount: facts.messageCount,
    draftUrl: slug === null ? null : previewUrl(config, `draft--${slug}`),
    liveUrl: slug === null || liveSha === null ? null : previewUrl(config, slug),
    liveSha,
    pinned,
    liveAccess,
    versionRoute,
    forge: forgeOf(facts.forge),
    createdAt: createdAt.toISOString(),
    updatedAt: facts.activeAt.toISOString(),
  }
}

function forgeOf(link: ProjectFacts["forge"]): ProjectForge | null {
  if (link === null) return null
  const { webUrl, branch, mergeRequest } = link
  return { webUrl, branch, mergeRequest }
}

/** Where an app is seen: `name` is the first part of its host. */
function previewUrl({ publicUrl, previewDomain }: Addresses, name: string): string {
  return `${new URL(publicUrl).protocol}//${name}.${previewDomain}`
}

/** The one word that says how the project is. */
function statusOf(facts: Omit<ProjectFacts, "project" | "activeAt" | "messageCount" | "forge">): ProjectStatus {
  const { active, lastOutcome, versionCount, buildStatus } = facts
  if (active) return "working"
  if (versionCount === 0) return lastOutcome === "failed" || lastOutcome === "interrupted" ? "failed" : "empty"
  switch (buildStatus) {
    case null:
    case "success":
    case "skipped":
      return "ready"
    case "failed":
    case "canceled":
      return "failed"
    default:
      // What is blocked (manual, scheduled) is not finished, either.
      return "checking"
  }
}
