import { type AllowFailure, type ArtifactSpec, type Need, type Retry, retryReasons, type Rule } from "./checks-file.ts"
import { unsupported } from "./checks-file-error.ts"
import { parseExpression } from "./expression.ts"
import type { Located } from "./located.ts"
import { booleanOf, durationOf, integersOf, knownKeys, mapOf, mustBe, oneOf, stringOf, textsOf } from "./values.ts"

export const whens = ["on_success", "on_failure", "always", "manual", "never"] as const

/** Name of the image that the job runs in where the sandbox has images; elsewhere it is only mentioned in the log. */
export function imageOf(value: Located): string {
  if (value.kind === "scalar") return stringOf(value, "image")
  const name = knownKeys(mapOf(value, "image"), "image", ["name", "entrypoint"]).entries.get("name")
  if (name === undefined) throw mustBe("image", "a name", value.line)
  return stringOf(name.value, "image:name")
}

/** Read only to refuse what is none: nothing is cached beyond the server's package cache. */
export function checkCache(value: Located): void {
  const items = value.kind === "list" ? value.items : [value]
  for (const item of items)
    if (item.kind !== "map" && !isNull(item)) throw mustBe("cache", "a group of keys", item.line)
}

export function needsOf(value: Located): Need[] {
  if (value.kind !== "list") throw mustBe("needs", "a list of checks", value.line)
  return value.items.map((item): Need => {
    if (item.kind === "scalar")
      return { job: stringOf(item, "needs"), line: item.line, artifacts: true, optional: false }
    const { entries } = knownKeys(mapOf(item, "needs"), "needs", ["job", "artifacts", "optional"])
    const job = entries.get("job")
    const artifacts = entries.get("artifacts")
    const optional = entries.get("optional")
    if (job === undefined) throw mustBe("needs", "a list of checks", item.line)
    return {
      job: stringOf(job.value, "needs:job"),
      line: item.line,
      artifacts: artifacts === undefined || booleanOf(artifacts.value, "needs:artifacts"),
      optional: optional !== undefined && booleanOf(optional.value, "needs:optional"),
    }
  })
}

export function allowFailureOf(value: Located, key = "allow_failure"): AllowFailure {
  if (value.kind !== "map") return { allowed: booleanOf(value, key), exitCodes: null }
  const codes = knownKeys(value, key, ["exit_codes"]).entries.get("exit_codes")
  if (codes === undefined) throw mustBe(key, "`true`, `false` or `exit_codes`", value.line)
  return { allowed: false, exitCodes: integersOf(codes.value, `${key}:exit_codes`) }
}

export function rulesOf(value: Located): Rule[] {
  if (isNull(value)) return []
  if (value.kind !== "list") throw mustBe("rules", "a list", value.line)
  return value.items.flatMap((item) => (item.kind === "list" ? rulesOf(item) : [ruleOf(item)]))
}

function ruleOf(value: Located): Rule {
  const { entries } = knownKeys(mapOf(value, "rules"), "rules", ["if", "when", "allow_failure"])
  const condition = entries.get("if")
  const when = entries.get("when")
  const allowFailure = entries.get("allow_failure")
  return {
    line: value.line,
    if: condition === undefined ? null : parseExpression(stringOf(condition.value, "rules:if"), condition.line),
    when: when === undefined ? null : oneOf(when.value, "rules:when", whens),
    allowFailure: allowFailure === undefined ? null : allowFailureOf(allowFailure.value, "rules:allow_failure"),
  }
}

/** Kinds of refs that GitLab knows by name; ours is a push to a branch. */
const refKinds = ["branches", "tags", "pushes", "web", "api", "schedules", "triggers", "pipelines", "external", "chat"]
const moreRefKinds = ["merge_requests", "external_pull_requests"]

/** `only` and `except`: kinds of refs and names of branches. */
export function refsOf(value: Located, key: "only" | "except"): string[] {
  if (value.kind === "map") {
    const refs = knownKeys(value, key, ["refs"]).entries.get("refs")
    return refs === undefined ? [] : refsOf(refs.value, key)
  }
  return textsOf(value, key, true).map(({ text, line }) => {
    const plain = [...refKinds, ...moreRefKinds].includes(text) || /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(text)
    if (!plain) throw unsupported(`${key}: ${text}`, line)
    return text
  })
}

/** Does a push to this branch belong to these refs? */
export const refsHold = (refs: readonly string[], branch: string): boolean =>
  refs.some((ref) => ref === "branches" || ref === "pushes" || ref === branch)

export function artifactsOf(value: Located): ArtifactSpec | null {
  if (isNull(value)) return null
  const keys = ["paths", "exclude", "when", "expire_in", "name"]
  const { entries } = knownKeys(mapOf(value, "artifacts"), "artifacts", keys)
  const texts = (key: string) => {
    const entry = entries.get(key)
    return entry === undefined ? [] : textsOf(entry.value, `artifacts:${key}`).map(({ text }) => text)
  }
  const when = entries.get("when")
  const expire = entries.get("expire_in")
  const name = entries.get("name")
  return {
    paths: texts("paths"),
    exclude: texts("exclude"),
    when:
      when === undefined ? "on_success" : oneOf(when.value, "artifacts:when", ["on_success", "on_failure", "always"]),
    expireMs: expire === undefined ? monthMs : expireMs(expire.value),
    name: name === undefined ? null : stringOf(name.value, "artifacts:name"),
  }
}

const monthMs = 30 * 86_400_000

const expireMs = (value: Located): number | null =>
  value.kind === "scalar" && value.value === "never" ? null : durationOf(value, "artifacts:expire_in")

export function retryOf(value: Located): Retry {
  if (value.kind !== "map") return { max: retryMax(value, "retry"), when: ["always"] }
  const { entries } = knownKeys(value, "retry", ["max", "when"])
  const max = entries.get("max")
  const when = entries.get("when")?.value
  const reasons = when === undefined ? [] : when.kind === "list" ? when.items : [when]
  return {
    max: max === undefined ? 0 : retryMax(max.value, "retry:max"),
    when: when === undefined ? ["always"] : reasons.map((reason) => oneOf(reason, "retry:when", retryReasons)),
  }
}

function retryMax(value: Located, key: string): number {
  if (value.kind === "scalar" && (value.value === 0 || value.value === 1 || value.value === 2)) return value.value
  throw mustBe(key, "0, 1 or 2", value.line)
}

const isNull = (value: Located): boolean => value.kind === "scalar" && value.value === null
