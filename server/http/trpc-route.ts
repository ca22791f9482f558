import { fetchRequestHandler } from "@trpc/server/adapters/fetch"
import { AppError } from "../app-error.ts"
import type { Services } from "../context.ts"
import { createContext } from "../trpc/context.ts"
import { failureOfCall } from "../trpc/error-shape.ts"
import { appRouter } from "../trpc/router.ts"
import { limitBody } from "./body.ts"

/** Room for a file at its limit, escaped, and for a batch. */
const maxBytes = 4 * 1024 * 1024

/** Answers `/trpc/*`. Made once a server, because tRPC reads the options of its streams from the router. */
export function trpcRoute(services: Services): (request: Request) => Promise<Response> {
  const { ssePingInterval } = services.config
  const router: typeof appRouter = { ...appRouter, _def: { ...appRouter._def, _config: withPing(ssePingInterval) } }
  return async (request) => {
    checkPath(new URL(request.url).pathname)
    const limited = await limitBody(request, maxBytes)
    return fetchRequestHandler({
      endpoint: "/trpc",
      req: limited,
      router,
      createContext: createContext(services, limited),
      onError: ({ error, path, ctx }) => {
        if (failureOfCall(error).kind !== "internal") return
        services.log.error({ err: error.cause ?? error, procedure: path, requestId: ctx?.requestId }, "call failed")
      },
    })
  }
}

/** tRPC takes a path that cannot be decoded for a fault of its own. */
function checkPath(path: string): void {
  try {
    decodeURIComponent(path)
  } catch {
    throw new AppError("not_found", "There is nothing at this address.")
  }
}

function withPing(seconds: number) {
  return {
    ...appRouter._def._config,
    sse: {
      ping: { enabled: true, intervalMs: seconds * 1000 },
      client: { reconnectAfterInactivityMs: seconds * 3000 },
    },
  }
}
