import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { z } from "zod"
import { createGoChatClient } from "../../shared/client.ts"
import { loadConfig } from "../config.ts"
import type { Services } from "../context.ts"
import { freePort } from "../lib/free-port.ts"
import type { Model } from "../ports/model/port.ts"
import { startServer } from "../server.ts"
import { testDatabase } from "./database.ts"

/** A real server on a port, a database and a data folder of its own, in this process. */
export interface TestServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly services: Services
  /** Makes an account with the password "correct horse". The first one is the admin. */
  signUp(email?: string): Promise<{ cookie: string; userId: string; apiKey: string }>
  /** Ends it as SIGTERM would and removes what it kept. */
  stop(): Promise<void>
}

const password = "correct horse"

/** Starts it with the defaults of an operator who has no containers and set nothing but `env`; `model` answers in place of the configured one. */
export async function startTestServer(
  env: Record<string, string> = {},
  { model }: { model?: Model } = {},
): Promise<TestServer> {
  const database = await testDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), "gochat-server-"))
  const remove = async () => {
    await database.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const port = String(await freePort())
    // An engine that happens to be on this machine must not decide what a test finds.
    const base = { PORT: port, DATA_DIR: dataDir, DATABASE_URL: database.url, LOG_LEVEL: "fatal", SANDBOX: "process" }
    const config = loadConfig({ ...base, ...env })
    const server = await startServer(config, { model })
    let people = 0
    return {
      url: server.url,
      services: server.services,
      signUp: (email = `person-${++people}@example.com`) => signUp(server.url, email),
      stop: async () => {
        await server.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

const signedUp = z.object({ user: z.object({ id: z.string() }) })

async function signUp(url: string, email: string) {
  const answer = await fetch(`${url}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ name: email, email, password }),
  })
  if (!answer.ok) throw new Error(`sign-up answered ${answer.status}: ${await answer.text()}`)
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ")
  const { user } = signedUp.parse(await answer.json())
  const { key } = await createGoChatClient({ url, cookie }).account.keys.create.mutate({ name: "test" })
  return { cookie, userId: user.id, apiKey: key }
}
