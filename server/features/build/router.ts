import { buildInput, buildListInput, buildLogInput, buildRetryInput } from "../../../shared/build.ts"
import { procedure, router } from "../../trpc/init.ts"
import { listArtifacts } from "./artifacts.ts"
import { cancelBuild } from "./cancel.ts"
import { getBuild } from "./get.ts"
import { listBuilds } from "./list.ts"
import { readBuildLog } from "./log.ts"
import { retryBuild } from "./retry.ts"

/** `build.*` */
export const buildRouter = router({
  list: procedure.input(buildListInput).query(({ ctx, input }) => listBuilds(ctx, input)),
  get: procedure.input(buildInput).query(({ ctx, input }) => getBuild(ctx, input)),
  log: procedure.input(buildLogInput).query(({ ctx, input }) => readBuildLog(ctx, input)),
  retry: procedure.input(buildRetryInput).mutation(({ ctx, input }) => retryBuild(ctx, input)),
  cancel: procedure.input(buildInput).mutation(({ ctx, input }) => cancelBuild(ctx, input)),
  artifacts: procedure.input(buildInput).query(({ ctx, input }) => listArtifacts(ctx, input)),
})
