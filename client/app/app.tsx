import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { onSignedOut, queryClient } from "../lib/query-client.ts"
import { queries, trpc, trpcClient } from "../lib/trpc.ts"
import { Notices } from "../ui/notice.tsx"
import { TooltipProvider } from "../ui/tooltip.tsx"
import { router } from "./router.tsx"

onSignedOut(() => {
  // Only news to somebody who was signed in; the guard of a page asks too, and sends to the sign-in page itself.
  if (queries.account.get.getData() === undefined) return
  queryClient.removeQueries({ queryKey: [["account"]] })
  void router.invalidate()
})

/** The whole client. */
export function App() {
  return (
    <trpc.Provider client={trpcClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider delay={400}>
          <RouterProvider router={router} />
          <Notices />
        </TooltipProvider>
      </QueryClientProvider>
    </trpc.Provider>
  )
}
