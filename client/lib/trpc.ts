import { createTRPCClient, httpBatchLink, httpLink, httpSubscriptionLink, retryLink, splitLink } from "@trpc/client"
import { createTRPCQueryUtils, createTRPCReact } from "@trpc/react-query"
import type { AppRouter } from "../../server/trpc/router.ts"
import { queryClient } from "./query-client.ts"

const url = "/trpc"
/** The same subscription would fail the same way again. */
const final = new Set(["UNAUTHORIZED", "FORBIDDEN", "BAD_REQUEST", "NOT_FOUND"])

const links = [
  splitLink<AppRouter>({
    condition: (op) => op.type === "subscription",
    // Without the retry a single 502 ends a subscription for good.
    true: [
      retryLink<AppRouter>({
        retry: ({ error }) => !final.has(error.data?.code ?? ""),
        retryDelayMs: (attempt) => Math.min(300 * attempt, 5000) + Math.random() * 200 + 1,
      }),
      httpSubscriptionLink({ url }),
    ],
    false: splitLink<AppRouter>({
      condition: (op) => op.type === "mutation",
      true: httpLink<AppRouter>({ url }),
      false: httpBatchLink<AppRouter>({ url, maxItems: 10, maxURLLength: 2000 }),
    }),
  }),
]

/** Hooks for components. */
export const trpc = createTRPCReact<AppRouter>()
/** For code outside React: the stream, route guards. */
export const api = createTRPCClient<AppRouter>({ links })
export const trpcClient = trpc.createClient({ links })
export const queries = createTRPCQueryUtils<AppRouter>({ queryClient, client: trpcClient })
