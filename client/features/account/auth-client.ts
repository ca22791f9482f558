import { strings } from "../../lib/strings.ts"

/** Why signing in or up did not work, in words. */
export class AuthError extends Error {
  override readonly name = "AuthError"
}

const byCode: Record<string, string> = {
  INVALID_EMAIL_OR_PASSWORD: strings.account.credentials,
  INVALID_EMAIL: strings.account.emailWrong,
  INVALID_PASSWORD: strings.account.credentials,
  PASSWORD_TOO_SHORT: strings.account.passwordShort,
  USER_ALREADY_EXISTS: strings.account.exists,
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: strings.account.exists,
  EMAIL_PASSWORD_SIGN_UP_DISABLED: strings.account.closed,
  SIGNUP_CLOSED: strings.account.closed,
}

function wordsOf(status: number, body: unknown): string {
  if (typeof body !== "object" || body === null) return status === 429 ? strings.account.often : strings.account.failed
  const { code, message, detail } = body as { code?: unknown; message?: unknown; detail?: unknown }
  const known = typeof code === "string" ? byCode[code] : undefined
  if (known !== undefined) return known
  if (status === 429) return strings.account.often
  if (typeof detail === "string") return detail
  return typeof message === "string" ? message : strings.account.failed
}

async function post(path: string, body: object): Promise<void> {
  let response: Response
  try {
    response = await fetch(`/api/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })
  } catch {
    throw new AuthError(`${strings.error.unreachable.words} ${strings.error.unreachable.next}`)
  }
  if (response.ok) return
  const answer: unknown = await response.json().catch(() => null)
  throw new AuthError(wordsOf(response.status, answer))
}

/** The four calls of better-auth's wire that a person makes before tRPC knows them. */
export const signIn = (email: string, password: string): Promise<void> => post("sign-in/email", { email, password })
export const signUp = (email: string, password: string): Promise<void> =>
  post("sign-up/email", { email, password, name: email.split("@")[0] ?? email })
export const signOut = (): Promise<void> => post("sign-out", {})
export const changePassword = (currentPassword: string, newPassword: string): Promise<void> =>
  post("change-password", { currentPassword, newPassword, revokeOtherSessions: true })
