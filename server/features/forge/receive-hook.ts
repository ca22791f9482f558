import { createHash } from "node:crypto"
import { id } from "../../../shared/ids.ts"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"
import type { HookRequest, RemoteForge } from "../../ports/forge/port.ts"
import { insertDelivery } from "./delivery-store.ts"
import { readHook } from "./read-hook.ts"

type Parts = Pick<Services, "db" | "forge" | "sync">

/**
 * What is known of a message before its body is read: by its token it is the forge's, or it says that it is signed, which
 * only the body can show. Throws `unauthorized` for anything else, `not_found` where no forge sends messages.
 */
export function expectHook({ forge }: Pick<Parts, "forge">, projectId: string, headers: Headers): "trusted" | "signed" {
  const remote = remoteFor(forge, projectId)
  const token = headers.get("x-gitlab-token")
  const alone: HookRequest = { headers: new Headers(token === null ? {} : { "x-gitlab-token": token }), body: none }
  if (remote.verify(projectId, alone) === "genuine") return "trusted"
  if (headers.has("webhook-signature")) return "signed"
  throw notGenuine()
}

/**
 * Takes a message of the forge about a project: it is stored, once, and worked on later. Returns when it is stored, or
 * when there is nothing to be done about it. Throws `unauthorized`, `not_found` (no such project, or the message is
 * about another one), `bad_input` (no JSON).
 */
export async function receiveHook(
  { db, forge, sync }: Parts,
  { projectId, ...request }: HookRequest & { projectId: string },
): Promise<void> {
  if (remoteFor(forge, projectId).verify(projectId, request) !== "genuine") throw notGenuine()
  const news = readHook(request.body)
  if (news === null) throw new AppError("bad_input", "The body is not JSON.")
  if (news === "unknown") return
  const { remoteId, ...rest } = news
  const stored =
    remoteId === null
      ? "nobodys"
      : await insertDelivery(db, { ...rest, projectId, key: keyOf(projectId, request) }, remoteId)
  if (stored === "nobodys") throw new AppError("not_found", "This message is about another project.")
  if (stored === "stored") sync.kick()
}

const none = new Uint8Array()

function remoteFor(forge: Services["forge"], projectId: string): RemoteForge {
  if (forge.remote === null || !id.safeParse(projectId).success) throw new AppError("not_found")
  return forge.remote
}

const notGenuine = (): AppError => new AppError("unauthorized", "This message does not prove that GitLab sent it.")

/** The same however often GitLab sends one message; of one project, so that no other can use it up. */
function keyOf(projectId: string, { headers, body }: HookRequest): string {
  const given = headers.get("idempotency-key") ?? headers.get("webhook-id")
  if (given !== null && /^[\w-]{1,100}$/.test(given)) return `${projectId}:${given}`
  const hash = createHash("sha256")
  if (given === null) hash.update(`${headers.get("x-gitlab-event") ?? ""}\n`).update(body)
  else hash.update(given)
  return `${projectId}:${hash.digest("hex")}`
}
