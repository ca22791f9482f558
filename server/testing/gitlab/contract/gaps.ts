import { buildStatus } from "../../../../shared/build.ts"
import type { Parameter } from "./openapi.ts"

interface Gap {
  method: string
  path: string
  parameters: Parameter[]
}

const text = (name: string): Parameter => ({ in: "query", name, type: "string" })
const keyset = ["pagination", "cursor", "order_by", "sort"].map(text)
const states = { type: "string", enum: buildStatus.options }
const scope: Parameter = { in: "query", name: "scope", type: "array", items: states }
const branch: Parameter = { in: "path", name: "branch", type: "string", required: true }
const branchPath = "/api/v4/projects/{id}/repository/branches/{branch}"

/** What GitLab takes although its document does not say so, or says it wrongly. Neither is in the errata. */
export const gaps: Gap[] = [
  { method: "get", path: "/api/v4/projects", parameters: [text("pagination"), text("cursor")] },
  {
    method: "delete",
    path: "/api/v4/projects/{id}",
    parameters: [{ in: "query", name: "permanently_remove", type: "boolean" }, text("full_path")],
  },
  { method: "get", path: branchPath, parameters: [branch] },
  { method: "get", path: "/api/v4/projects/{id}/jobs", parameters: keyset },
  { method: "get", path: "/api/v4/projects/{id}/pipelines/{pipeline_id}/jobs", parameters: [...keyset, scope] },
  { method: "get", path: "/api/v4/projects/{id}/pipelines/{pipeline_id}/bridges", parameters: [scope] },
]

/** Paths that are used but were not cut out of the document. */
export const uncut =
  /^\/api\/v4\/(?:projects\/[^/]+\/merge_requests(?:\/|$)|groups\/[^/]+\/(?:projects|access_tokens|runners)$|application\/settings$|user\/runners$|runners\/verify$)/

/** Somebody who is known gets the whole of what the document calls the basics. */
export const wider: Record<string, string> = { API_Entities_BasicProjectDetails: "API_Entities_ProjectWithAccess" }
