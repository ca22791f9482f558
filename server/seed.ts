/** `bun run db:seed`: an account with a few projects to look at, made by the demo model through the real chain. */
import { randomBytes } from "node:crypto"
import { APIError } from "better-auth"
import { loadConfig } from "./config.ts"
import type { Ctx } from "./context.ts"
import { send } from "./features/chat/send.ts"
import { createProject } from "./features/project/create.ts"
import { getProject } from "./features/project/get.ts"
import { loadDotEnv } from "./lib/dot-env.ts"
import { newId } from "./lib/ids.ts"
import { migrateDatabase } from "./lib/migrate.ts"
import { StartError } from "./lib/start-error.ts"
import { createLog } from "./log.ts"
import { openDatabaseServer } from "./ports/database/open.ts"
import { holdServerLock } from "./ports/database/server-lock.ts"
import { openServices } from "./services.ts"

const email = "demo@example.com"
const projectsMost = 3
const projectMs = 120_000

try {
  await seed()
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exit(1)
}
process.exit(0)

async function seed(): Promise<void> {
  loadDotEnv()
  // Always the demo: nobody wants to pay for examples.
  const keyless = { CLAUDE_API_KEY: "", ANTHROPIC_API_KEY: "", LOG_LEVEL: "warn", ENABLE_SIGNUP: "true" }
  const config = loadConfig({ ...process.env, ...keyless })
  const database = await openDatabaseServer(config)
  const lock = await holdServerLock(database.url, () => process.exit(1))
  await migrateDatabase(database.url)
  const open = await openServices(config, createLog(config), database.url)
  try {
    await open.start()
    await fill({ ...open.services, actor: { type: "system" }, requestId: "seed" })
  } finally {
    open.drain()
    await open.close()
    await lock.release()
    await database.stop()
  }
}

async function fill(ctx: Ctx): Promise<void> {
  const password = randomBytes(9).toString("base64url")
  const userId = await signUp(ctx, password)
  const own: Ctx = { ...ctx, actor: { type: "user", userId, role: "user", sessionId: newId() } }
  console.log(`\n  ${email}   password: ${password}\n`)
  for (const wish of ctx.model.scenes.slice(0, projectsMost)) await build(own, wish)
}

async function signUp(ctx: Ctx, password: string): Promise<string> {
  try {
    return (await ctx.auth.api.signUpEmail({ body: { email, password, name: "Demo" } })).user.id
  } catch (error) {
    if (!(error instanceof APIError) || !error.body?.code?.startsWith("USER_ALREADY_EXISTS")) throw error
    throw new StartError(`The account ${email} is there already: delete it first to have it made anew.`)
  }
}

async function build(ctx: Ctx, wish: string): Promise<void> {
  const { id: projectId } = await createProject(ctx, {})
  await send(ctx, { projectId, content: `Build me this: ${wish}` })
  const until = Date.now() + projectMs
  for (;;) {
    const project = await getProject(ctx, { projectId })
    if (project.status === "ready" || project.status === "failed" || Date.now() > until) {
      console.log(`  ${project.title}: ${project.status}`)
      return
    }
    await Bun.sleep(200)
  }
}
