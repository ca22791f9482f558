import { projectCreateInput, projectInput, projectListInput, projectUpdateInput } from "../../../shared/project.ts"
import { procedure, router } from "../../trpc/init.ts"
import { createProject } from "./create.ts"
import { getProject } from "./get.ts"
import { listProjects } from "./list.ts"
import { removeProject } from "./remove.ts"
import { updateProject } from "./update.ts"

/** `project.*` */
export const projectRouter = router({
  list: procedure.input(projectListInput.prefault({})).query(({ ctx, input }) => listProjects(ctx, input)),
  create: procedure.input(projectCreateInput.prefault({})).mutation(({ ctx, input }) => createProject(ctx, input)),
  get: procedure.input(projectInput).query(({ ctx, input }) => getProject(ctx, input)),
  update: procedure.input(projectUpdateInput).mutation(({ ctx, input }) => updateProject(ctx, input)),
  remove: procedure.input(projectInput).mutation(({ ctx, input }) => removeProject(ctx, input)),
})
