import { fileReadInput, fileSearchInput, fileTreeInput, fileWriteInput } from "../../../shared/file.ts"
import { procedure, router } from "../../trpc/init.ts"
import { fileRead } from "./read.ts"
import { fileSearch } from "./search.ts"
import { fileTree } from "./tree.ts"
import { fileWrite } from "./write.ts"

/** `file.*` */
export const fileRouter = router({
  tree: procedure.input(fileTreeInput).query(({ ctx, input }) => fileTree(ctx, input)),
  read: procedure.input(fileReadInput).query(({ ctx, input }) => fileRead(ctx, input)),
  write: procedure.input(fileWriteInput).mutation(({ ctx, input }) => fileWrite(ctx, input)),
  search: procedure.input(fileSearchInput).query(({ ctx, input }) => fileSearch(ctx, input)),
})
