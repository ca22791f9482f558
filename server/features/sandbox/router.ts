import { sandboxInput } from "../../../shared/sandbox.ts"
import { procedure, router } from "../../trpc/init.ts"
import { getSandbox } from "./get.ts"
import { readSandboxLog } from "./log.ts"
import { listRunning } from "./running.ts"
import { startSandbox } from "./start.ts"
import { stopSandbox } from "./stop.ts"

/** `sandbox.*` */
export const sandboxRouter = router({
  get: procedure.input(sandboxInput).query(({ ctx, input }) => getSandbox(ctx, input)),
  start: procedure.input(sandboxInput).mutation(({ ctx, input }) => startSandbox(ctx, input)),
  stop: procedure.input(sandboxInput).mutation(({ ctx, input }) => stopSandbox(ctx, input)),
  running: procedure.query(({ ctx }) => listRunning(ctx)),
  log: procedure.input(sandboxInput).query(({ ctx, input }) => readSandboxLog(ctx, input)),
})
