import {
  versionDiffInput,
  versionInput,
  versionKeepInput,
  versionListInput,
  versionUnpinInput,
} from "../../../shared/version.ts"
import { procedure, router } from "../../trpc/init.ts"
import { diffVersions } from "./diff.ts"
import { keepVersion } from "./keep.ts"
import { listVersions } from "./list.ts"
import { publishVersion, unpinVersion } from "./publish.ts"
import { restoreVersion } from "./restore.ts"

/** `version.*` */
export const versionRouter = router({
  list: procedure.input(versionListInput).query(({ ctx, input }) => listVersions(ctx, input)),
  diff: procedure.input(versionDiffInput).query(({ ctx, input }) => diffVersions(ctx, input)),
  restore: procedure.input(versionInput).mutation(({ ctx, input }) => restoreVersion(ctx, input)),
  publish: procedure.input(versionInput).mutation(({ ctx, input }) => publishVersion(ctx, input)),
  unpin: procedure.input(versionUnpinInput).mutation(({ ctx, input }) => unpinVersion(ctx, input)),
  keep: procedure.input(versionKeepInput).mutation(({ ctx, input }) => keepVersion(ctx, input)),
})
