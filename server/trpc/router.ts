import { accountRouter } from "../features/account/router.ts"
import { adminRouter } from "../features/admin/router.ts"
import { buildRouter } from "../features/build/router.ts"
import { chatRouter } from "../features/chat/router.ts"
import { eventRouter } from "../features/event/router.ts"
import { fileRouter } from "../features/file/router.ts"
import { projectRouter } from "../features/project/router.ts"
import { sandboxRouter } from "../features/sandbox/router.ts"
import { systemRouter } from "../features/system/router.ts"
import { versionRouter } from "../features/version/router.ts"
import { router } from "./init.ts"

/** Everything a client can ask for; its type is the contract (`shared/client.ts`). */
export const appRouter = router({
  account: accountRouter,
  admin: adminRouter,
  build: buildRouter,
  chat: chatRouter,
  event: eventRouter,
  file: fileRouter,
  project: projectRouter,
  sandbox: sandboxRouter,
  system: systemRouter,
  version: versionRouter,
})

export type AppRouter = typeof appRouter
