import { administrationRoutes } from "./administration.ts"
import { artifactRoutes } from "./artifacts.ts"
import { branchRoutes } from "./branches.ts"
import { commitRoutes } from "./commits.ts"
import { fileRoutes } from "./files.ts"
import { groupRoutes } from "./groups.ts"
import { hookEventRoutes } from "./hook-events.ts"
import { hookRoutes } from "./hooks.ts"
import { jobRoutes } from "./jobs.ts"
import { lintRoutes } from "./lint.ts"
import { mergeRequestRoutes } from "./merge-requests.ts"
import { peopleRoutes } from "./people.ts"
import { pipelineRoutes } from "./pipelines.ts"
import { projectDeleteRoutes } from "./project-delete.ts"
import { projectRoutes } from "./projects.ts"
import { protectedBranchRoutes } from "./protected-branches.ts"
import { variableRoutes } from "./variables.ts"
import type { Routes } from "../http/router.ts"

/** All endpoints there are. */
export const allRoutes: Routes[] = [
  peopleRoutes, groupRoutes, projectRoutes, projectDeleteRoutes, hookRoutes, hookEventRoutes, branchRoutes,
  commitRoutes, fileRoutes, protectedBranchRoutes, variableRoutes, pipelineRoutes, artifactRoutes, jobRoutes,
  lintRoutes, mergeRequestRoutes, administrationRoutes,
] // prettier-ignore
