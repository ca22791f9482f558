import { describe, expect, test } from "bun:test"
import { TRPCError } from "@trpc/server"
import { getErrorShape } from "@trpc/server/unstable-core-do-not-import"
import { DrizzleQueryError } from "drizzle-orm"
import { z } from "zod"
import { AppError } from "../app-error.ts"
import type { Actor } from "../context.ts"
import { adminProcedure, type CallContext, createCallerFactory, procedure, publicProcedure, router } from "./init.ts"

const probe = router({
  open: publicProcedure.query(() => "open"),
  read: procedure.query(({ ctx }) => ctx.actor.type),
  change: procedure.mutation(({ ctx }) => ctx.actor.type),
  watch: procedure.subscription(async function* () {
    yield 1
  }),
  admin: adminProcedure.query(() => "admin"),
})

const user = (role: "admin" | "user"): Actor => ({ type: "user", userId: "u", role, sessionId: "s" })

/** A caller for whom the cookie says one thing and the database another; and how often each was asked. */
function callerOf(cookie: Actor | null, database: Actor | null) {
  const asked: string[] = []
  const context = {
    requestId: "request-1",
    resolve: (fresh: boolean) => {
      asked.push(fresh ? "database" : "cookie")
      return Promise.resolve(fresh ? database : cookie)
    },
  } as CallContext
  return { call: createCallerFactory(probe)(context), asked }
}

const kindOf = (call: Promise<unknown>) =>
  call.then(
    () => "OK",
    (error: unknown) => (error instanceof TRPCError && error.cause instanceof AppError ? error.cause.kind : "?"),
  )

describe("who acts", () => {
  test("reading believes the cookie; changing and watching ask the database", async () => {
    const { call, asked } = callerOf(user("user"), null)
    expect(await kindOf(call.open())).toBe("OK")
    expect(asked).toEqual([])
    expect(await kindOf(call.read())).toBe("OK")
    expect(await kindOf(call.change())).toBe("unauthorized")
    expect(await kindOf(call.watch())).toBe("unauthorized")
    expect(asked).toEqual(["cookie", "database", "database"])
  })

  test("an admin is who the database calls one", async () => {
    expect(await kindOf(callerOf(user("admin"), user("user")).call.admin())).toBe("forbidden")
    expect(await kindOf(callerOf(null, null).call.admin())).toBe("unauthorized")
    expect(await kindOf(callerOf(null, user("admin")).call.admin())).toBe("OK")
  })
})

describe("an error on the wire", () => {
  const shapeOf = (error: TRPCError) =>
    getErrorShape({
      config: probe._def._config,
      error,
      type: "query",
      path: "read",
      input: undefined,
      ctx: { requestId: "request-1" } as CallContext,
    })
  const thrown = (cause: Error) =>
    shapeOf(new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause, message: cause.message }))
  const refusedQuery = (code: string) =>
    new DrizzleQueryError("select secret", ["token"], Object.assign(new Error("db"), { code }))

  test("of ours has its kind, its words and the right codes", () => {
    const { data, message } = thrown(new AppError("limit_projects", "At most 3."))
    expect(message).toBe("At most 3.")
    expect(data).toMatchObject({ kind: "limit_projects", code: "FORBIDDEN", httpStatus: 403, requestId: "request-1" })
    expect(data.words).toBeString()
  })

  test("that nobody expected shows nothing of itself", () => {
    for (const error of [new Error("password is hunter2"), refusedQuery("42P01")]) {
      const text = JSON.stringify(thrown(error))
      expect(text).toContain('"kind":"internal"')
      expect(text).not.toMatch(/hunter2|secret|token|stack/)
    }
  })

  test("of a database that is away or refuses a character is named", () => {
    expect(thrown(refusedQuery("57P01")).data).toMatchObject({ kind: "unavailable", httpStatus: 503, retryable: true })
    expect(thrown(refusedQuery("CONNECTION_CLOSED")).data.kind).toBe("unavailable")
    expect(thrown(refusedQuery("22021")).data).toMatchObject({ kind: "bad_input", httpStatus: 400 })
  })

  test("of an input says where and what; the same error inside of us is our fault", () => {
    const { error: cause } = z.object({ title: z.string() }).safeParse({ title: 5 })
    expect(shapeOf(new TRPCError({ code: "BAD_REQUEST", cause })).data).toMatchObject({
      kind: "bad_input",
      detail: expect.stringContaining("title: "),
    })
    expect(thrown(cause ?? new Error("none")).data.kind).toBe("internal")
  })
})
