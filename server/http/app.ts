import { Elysia } from "elysia"
import { AppError } from "../app-error.ts"
import type { Services } from "../context.ts"
import { failureOf } from "../failure.ts"
import { artifactResponse } from "./artifacts.ts"
import { authRoute } from "./auth-route.ts"
import { limitBody } from "./body.ts"
import { downloadResponse } from "./downloads.ts"
import { frame } from "./frame.ts"
import { gitResponse } from "./git.ts"
import { healthRoutes } from "./health.ts"
import { problem } from "./problem.ts"
import { distFolder, spa } from "./spa.ts"
import { trpcRoute } from "./trpc-route.ts"
import { webhookRoute } from "./webhooks.ts"

/** What a clone asks for: a list of commits, not their contents. */
const gitBytes = 4 * 1024 * 1024

/** Everything under the app's own host; previews are the gateway's. */
export interface App {
  fetch(request: Request): Promise<Response>
}

/** All HTTP of the app in one place. `dist` is the folder with the built client. */
export function createApp(services: Services, { dist = distFolder }: { dist?: string } = {}): App {
  const trpc = trpcRoute(services)
  const page = spa(services.config, dist)
  const webhook = webhookRoute(services)
  const routes = new Elysia()
    .onError(({ error, code, request }) => {
      if (code === "NOT_FOUND") return problem({ kind: "not_found", detail: null }, request)
      const failure = failureOf(error)
      if (failure.kind === "internal") {
        services.log.error({ err: error, requestId: request.headers.get("x-request-id") }, "request failed")
      }
      return problem(failure, request)
    })
    .use(healthRoutes(services))
    .get("/artifacts/:projectId/:buildId/:jobId/*", ({ request, params }) =>
      artifactResponse(services, request, params),
    )
    // Bodies are read by those who answer, each with its own limit. From here on routes are for any method: Elysia
    // looks for the method's own routes first, so a `get("/*")` would hide the others.
    .all("/trpc/*", ({ request }) => trpc(request), { parse: "none" })
    .all("/files/*", ({ request }) => downloadResponse(services, request), { parse: "none" })
    .all("/git/*", async ({ request }) => gitResponse(services, await limitBody(request, gitBytes)), { parse: "none" })
    .post("/webhooks/gitlab/:projectId", ({ request, params }) => webhook(request, params.projectId), { parse: "none" })
    .all("/webhooks/*", notHere, { parse: "none" })
    .all("/api/auth/*", ({ request }) => authRoute(services, request), { parse: "none" })
    .all("/trpc", notHere, { parse: "none" })
    .all("/api", notHere, { parse: "none" })
    .all("/api/*", notHere, { parse: "none" })
    .all("/*", ({ request }) => page(request) ?? notHere(), { parse: "none" })
  return { fetch: (request) => frame(services, request, async () => routes.fetch(request)) }
}

function notHere(): never {
  throw new AppError("not_found", "There is nothing at this address.")
}
