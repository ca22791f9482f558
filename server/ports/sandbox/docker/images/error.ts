import { SandboxError } from "../../port.ts"
import { toEngineError } from "../to-engine-error.ts"

const oneLine = (text: string) => text.trim().split("\n")[0]?.slice(0, 300) ?? ""

const unreachable =
  /dial tcp|connection refused|connection reset|no such host|timeout|deadline exceeded|\bEOF\b|unreachable|misbehaving|proxyconnect|x509|certificate|HTTP status:? 5\d\d|server gave HTTP response/i
const unknown =
  /not found|manifest unknown|name unknown|does not exist|no such image|denied|unauthorized|authentication required|no basic auth credentials/i

/** Who gave a name: the project, the operator of the server, or checks that pushed the image. */
export type NamedBy = "project" | "operator" | "checks"

/** Why an image could not be fetched, in plain words with a next step. */
export function pullError(name: string, by: NamedBy, error: unknown): SandboxError {
  if (error instanceof SandboxError) return error
  const { kind, message } = toEngineError(error)
  if (kind === "away" || kind === "full") return engineTrouble(`The image ${name} could not be fetched`, error)
  if (by === "checks") return pushedError(name, kind, message)
  const operator = by === "project" ? "ask the operator to set SANDBOX_IMAGE" : "the operator can set SANDBOX_IMAGE"
  if (/toomanyrequests|rate limit/i.test(message)) {
    return unavailable(
      `The image ${name} could not be fetched: too much was fetched lately. Try again in some hours, or ${operator}.`,
      message,
    )
  }
  if (/no matching manifest|no match for platform/i.test(message)) {
    return named(by, `There is no image ${name} for this server's kind of processor.`, message)
  }
  if (kind === "missing" || unknown.test(message)) return named(by, `There is no public image ${name}.`, message)
  const why = unreachable.test(message) ? "the registry did not answer" : oneLine(message)
  return unavailable(`The image ${name} could not be fetched: ${why}. Try again, or ${operator}.`, message)
}

/** Nobody chose its name, and what comes next is up to whoever wanted it. */
function pushedError(name: string, kind: string, message: string): SandboxError {
  const isUnknown = kind === "missing" || unknown.test(message)
  const why = isUnknown
    ? "it is not there, or may not be read with GITLAB_TOKEN"
    : unreachable.test(message)
      ? "the registry did not answer"
      : oneLine(message)
  return unavailable(`The image ${name} could not be fetched: ${why}.`, message)
}

function named(by: NamedBy, words: string, log: string): SandboxError {
  if (by === "operator") return unavailable(`${words} Ask the operator to set SANDBOX_IMAGE to one that exists.`, log)
  return new SandboxError(
    `${words} Check its name and version; a private image has to be put on the server by the operator.`,
    log,
    "failed",
  )
}

/** The time limits of a pull. */
export const slowPull = (name: string, by: NamedBy, why: "late" | "stalled"): SandboxError =>
  unavailable(
    `The image ${name} could not be fetched: ${why === "late" ? "it took too long" : "the registry stopped answering"}.${by === "checks" ? "" : " Try again, or ask the operator to set SANDBOX_IMAGE."}`,
    "",
  )

/** A name that is none, or one of an image that is not this project's to use. */
export const badName = (name: string, by: NamedBy): SandboxError => {
  const shown = JSON.stringify(name.slice(0, 100))
  return by === "operator"
    ? unavailable(
        `${shown} is not the name of an image. Ask the operator to set SANDBOX_IMAGE to one like python:3.13.`,
        "",
      )
    : new SandboxError(`${shown} is not the name of an image. Name one like python:3.13.`, "", "failed")
}

export const ownRegistry = (name: string): SandboxError =>
  new SandboxError(
    `The image ${name} would come from the server itself, which is not allowed. Choose a public image.`,
    "",
  )

/** What is wrong with the engine itself: `before` says what could not be done. */
export function engineTrouble(before: string, error: unknown): SandboxError {
  if (error instanceof SandboxError) return error
  const { kind, message } = toEngineError(error)
  if (kind === "away") {
    return unavailable(
      `${before}: what runs the containers does not answer. Ask the operator to start it, then try again.`,
      message,
    )
  }
  if (kind === "full") {
    return unavailable(`${before}: the server's disk is full. Ask the operator to make room, then try again.`, message)
  }
  return unavailable(`${before}: ${oneLine(message)}. Try again, or ask the operator.`, message)
}

const unavailable = (reason: string, log: string) => new SandboxError(reason, log, "unavailable")
