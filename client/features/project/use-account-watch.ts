import { useEffect } from "react"
import { api, queries } from "../../lib/trpc.ts"

/** Keeps the list of projects true while it is looked at: other tabs and running answers change it. */
export function useAccountWatch(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    // A run changes its project many times a second at most; the list is read again once for all of them.
    const refetch = () => {
      timer ??= setTimeout(() => {
        timer = null
        void queries.project.list.invalidate()
      }, 300)
    }
    const subscription = api.account.watch.subscribe(undefined, {
      onStarted: refetch,
      onData: refetch,
      onError: () => {},
    })
    return () => {
      if (timer !== null) clearTimeout(timer)
      subscription.unsubscribe()
    }
  }, [])
}
