import { publicProcedure, router } from "../../trpc/init.ts"
import { systemInfo } from "./info.ts"

/** `system.*` */
export const systemRouter = router({ info: publicProcedure.query(({ ctx }) => systemInfo(ctx)) })
