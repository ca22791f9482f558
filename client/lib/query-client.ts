import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query"
import { errorText, isSignedOut } from "./error-text.ts"

let signedOut: () => void = () => {}

/** Registers what happens when any call finds that the session is over. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler
}

const check = (error: unknown): void => {
  if (isSignedOut(error)) signedOut()
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: check }),
  mutationCache: new MutationCache({ onError: check }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (count, error) => count < 2 && errorText(error).retryable,
    },
  },
})
