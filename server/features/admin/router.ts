import { sandboxInput } from "../../../shared/sandbox.ts"
import { adminProcedure, router } from "../../trpc/init.ts"
import { checkForge, forgeSetup } from "./forge.ts"
import { listSandboxes } from "./sandboxes.ts"
import { stopAnySandbox } from "./stop-sandbox.ts"

/** `admin.*` */
export const adminRouter = router({
  sandboxes: adminProcedure.query(({ ctx }) => listSandboxes(ctx)),
  stopSandbox: adminProcedure.input(sandboxInput).mutation(({ ctx, input }) => stopAnySandbox(ctx, input)),
  forge: adminProcedure.query(({ ctx }) => forgeSetup(ctx)),
  checkForge: adminProcedure.mutation(({ ctx }) => checkForge(ctx)),
})
