import { apiKey } from "@better-auth/api-key"
import { APIError, betterAuth } from "better-auth"
import { drizzleAdapter } from "better-auth/adapters/drizzle"
import { admin, bearer } from "better-auth/plugins"
import type { Logger } from "pino"
import * as schema from "../../../drizzle/schema/account.ts"
import type { Config } from "../../config.ts"
import { cleanText } from "../../lib/clean-text.ts"
import type { Database } from "../../lib/database.ts"
import { hashPassword, verifyPassword } from "./password.ts"
import { SessionWatch } from "./session-watch.ts"
import { signUpLine } from "./sign-up.ts"
import { anyUser } from "./store.ts"
import { trustedOrigins } from "./trusted-origins.ts"

/** The server writes the socket's address here and removes what came in; nothing that a client sends is believed. */
export const addressHeader = "x-gochat-ip"
/** How a key begins, so that one can be told from a session token, and found where it was left lying. */
export const keyPrefix = "gck_"

const day = 24 * 60 * 60
const closedWords = "Sign-up is closed on this server. Ask the person who runs it for an account."

export interface AuthParts {
  config: Config
  db: Database
  log: Logger
}

export type Auth = ReturnType<typeof createAuth>

/** Accounts, sessions and keys: better-auth over our tables, and what our streams need to know of it. */
export function createAuth({ config, db, log }: AuthParts) {
  const sessions = new SessionWatch(db, log)
  const adminPlugin = admin()
  const auth = betterAuth({
    appName: "Go Chat",
    baseURL: config.publicUrl,
    basePath: "/api/auth",
    secret: config.secretKey,
    telemetry: { enabled: false },
    trustedOrigins: trustedOrigins(config),
    // At "info", because at other levels it also writes to the console by itself. What people type wrong is no warning.
    logger: {
      level: "info",
      log: (level, message, ...more) =>
        log[level === "error" ? "warn" : "debug"]({ err: more.find((one) => one instanceof Error) }, message),
    },
    database: drizzleAdapter(db, { provider: "pg", schema, transaction: true }),
    emailAndPassword: {
      enabled: true,
      maxPasswordLength: 200,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    session: { expiresIn: 30 * day, updateAge: day, cookieCache: { enabled: true, maxAge: 60 } },
    // Admins act through our own procedures; the rest would need mail or an outside provider.
    disabledPaths: [...pathsOf(adminPlugin.endpoints), ...otherClosedPaths],
    rateLimit: {
      enabled: true,
      storage: "database",
      customRules: {
        "/sign-in/email": { window: 60, max: 10 },
        "/sign-up/email": { window: 60, max: 20 },
        "/get-session": false,
      },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user, ctx) => {
            // Inside the sign-up's own transaction: a second connection may not be free.
            const first = ctx ? (await ctx.context.internalAdapter.listUsers(1)).length === 0 : !(await anyUser(db))
            if (!first && !config.enableSignup) throw signUpClosed()
            const name = cleanText(user.name).trim().slice(0, 120)
            return { data: { name: name === "" ? user.email : name, role: first ? "admin" : "user" } }
          },
        },
      },
      session: { delete: { after: async (session) => sessions.end(session.id) } },
    },
    plugins: [
      adminPlugin,
      bearer(),
      // Its limit begins anew only after a pause as long as its window, so a steady program would be shut out.
      apiKey({ defaultPrefix: keyPrefix, maximumNameLength: 60, rateLimit: { enabled: false } }),
    ],
    advanced: {
      database: { generateId: "uuid" },
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [addressHeader] },
      // The prefix `__Host-` is ours: better-auth's own is for another name.
      useSecureCookies: false,
      defaultCookieAttributes: { secure: true, httpOnly: true, sameSite: "lax", path: "/" },
      cookies: {
        session_token: { name: "__Host-gochat" },
        session_data: { name: "__Host-gochat-cache" },
        dont_remember: { name: "__Host-gochat-brief" },
      },
    },
  })
  const line = signUpLine(db)
  return {
    api: auth.api,
    sessions,
    /** Open streams by person. */
    streams: new Map<string, number>(),
    /** Answers `/api/auth/*`. */
    handler: async (request: Request): Promise<Response> => {
      if (!new URL(request.url).pathname.startsWith("/api/auth/sign-up/")) return auth.handler(request)
      // Before the password is hashed, and before "this address exists already" could be told.
      if (!config.enableSignup && (await anyUser(db))) return Response.json(closedBody, { status: 403 })
      return line(() => auth.handler(request))
    },
  }
}

const closedBody = { message: closedWords, code: "SIGNUP_CLOSED" }
const signUpClosed = () => new APIError("FORBIDDEN", closedBody)

const otherClosedPaths = [
  "/delete-user",
  "/delete-user/callback",
  "/change-email",
  "/send-verification-email",
  "/verify-email",
  "/request-password-reset",
  "/sign-in/social",
  "/link-social",
  "/update-user",
  "/api-key/update",
  // Tells whether a password is right, as often as one asks.
  "/verify-password",
]

function pathsOf(endpoints: Record<string, { path?: string }>): string[] {
  return Object.values(endpoints).flatMap(({ path }) => path ?? [])
}
