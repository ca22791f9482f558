import { watchInput } from "../../../shared/events.ts"
import { procedure, router } from "../../trpc/init.ts"
import { watch } from "./watch.ts"

export const eventRouter = router({
  watch: procedure.input(watchInput).subscription(({ ctx, input, signal }) => watch(ctx, input, signal)),
})
