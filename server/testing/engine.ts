import { accessSync, constants } from "node:fs"
import { withFileLock } from "../lib/file-lock.ts"
import { engineAnswers } from "./engine-call.ts"
import { testImage } from "./engine-image.ts"
import { missingPackages } from "./engine-packages.ts"
import { engineFolder, privateEngine } from "./engine-private.ts"

/** A container engine for tests and the name of an image on it that has sh, Bun, Go and Flask. */
export interface TestEngine {
  /** As `DOCKER_HOST`. */
  readonly host: string
  readonly image: string
}

const machineSocket = "/var/run/docker.sock"
const idleMs = 20_000
const lockMs = 300_000

let asking: Promise<TestEngine> | undefined

/**
 * The engine that `GOCHAT_TEST_ENGINE` names, else the machine's, else (as root) one that is started for the tests and
 * ends by itself when no test process is left.
 */
export function testEngine(): Promise<TestEngine> {
  asking ??= findEngine()
  return asking
}

function findEngine(): Promise<TestEngine> {
  const folder = engineFolder("engine")
  return withFileLock(`${folder}.lock`, lockMs, async () => {
    const host = await engineHost(folder)
    return { host, image: await testImage(host) }
  })
}

async function engineHost(folder: string): Promise<string> {
  const named = process.env["GOCHAT_TEST_ENGINE"]
  if (named) {
    if (await engineAnswers(named)) return named
    throw new Error(`No container engine answers at ${named} (GOCHAT_TEST_ENGINE).`)
  }
  if (await engineAnswers(`unix://${machineSocket}`)) return `unix://${machineSocket}`
  const missing = noDaemon()
  if (missing !== null) throw new Error(`There is no container engine to test with: ${missing}`)
  return privateEngine(folder, [], idleMs)
}

let reason: string | null | undefined

/**
 * Why this machine has no engine to test with; null when it has. For `describe.skipIf(engineMissing() !== null)`. A
 * pipeline (CI=true) is told null always, so that there a missing engine fails and is not passed over.
 */
export function engineMissing(): string | null {
  if (process.env["CI"] === "true" || process.env["GOCHAT_TEST_ENGINE"]) return null
  if (reason === undefined) reason = missingPackages() ?? (usable(machineSocket) ? null : noDaemon())
  return reason
}

function noDaemon(): string | null {
  if (process.getuid?.() !== 0) return `none answers at ${machineSocket}, and only root can start one`
  if (Bun.which("dockerd", { PATH: `${process.env["PATH"]}:/usr/sbin` }) !== null) return null
  return `none answers at ${machineSocket} and dockerd is not installed (Debian: apt-get install docker.io iptables)`
}

function usable(socket: string): boolean {
  try {
    accessSync(socket, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
