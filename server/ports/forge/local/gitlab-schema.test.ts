/**
 * Whatever this runner accepts, GitLab must accept, too: the project moves there with its file as it is. Held to
 * GitLab's own schema of the file (app/assets/javascripts/editor/schema/ci.json, mid 2026, without its descriptions;
 * MIT licence, Copyright (c) 2011-present GitLab B.V.).
 */
import { describe, expect, test } from "bun:test"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import schema from "./gitlab-ci.schema.json"
import { parseChecksFile } from "./parse.ts"
import { planPipeline } from "./plan.ts"

type Schema = Record<string, unknown>

/** The part of JSON Schema that GitLab's file uses; what is wrong, or null. */
function problem(rule: Schema, value: unknown, at = "file"): string | null {
  const all = (rules: unknown) => rules as Schema[]
  if (typeof rule["$ref"] === "string") return problem(resolve(rule["$ref"]), value, at)
  const types = rule["type"] === undefined ? null : ([rule["type"]].flat() as string[])
  if (types !== null && !types.some((type) => isOf(type, value))) return `${at} is not of ${types.join(" or ")}`
  if ("const" in rule && rule["const"] !== value) return `${at} is not ${String(rule["const"])}`
  if (Array.isArray(rule["enum"]) && !rule["enum"].includes(value)) return `${at} is not one of ${rule["enum"].join()}`
  const fitting = (rules: unknown) => all(rules).filter((one) => problem(one, value, at) === null).length
  if (rule["anyOf"] !== undefined && fitting(rule["anyOf"]) === 0) return `${at} fits nothing`
  if (rule["oneOf"] !== undefined && fitting(rule["oneOf"]) !== 1) return `${at} fits ${fitting(rule["oneOf"])} rules`
  if (rule["not"] !== undefined && problem(rule["not"] as Schema, value, at) === null)
    return `${at} fits what it must not`
  for (const one of all(rule["allOf"] ?? [])) {
    const found = problem(one, value, at)
    if (found !== null) return found
  }
  if (rule["if"] !== undefined) {
    const next = problem(rule["if"] as Schema, value, at) === null ? rule["then"] : rule["else"]
    const found = next === undefined ? null : problem(next as Schema, value, at)
    if (found !== null) return found
  }
  if (typeof value === "string") return ofText(rule, value, at)
  if (typeof value === "number") return ofNumber(rule, value, at)
  if (Array.isArray(value)) return ofList(rule, value, at)
  return typeof value === "object" && value !== null ? ofObject(rule, value as Schema, at) : null
}

const resolve = (ref: string): Schema =>
  ref
    .slice(2)
    .split("/")
    .reduce<Schema>((part, name) => part[name] as Schema, schema as Schema)

const isOf = (type: string, value: unknown): boolean =>
  type === "null"
    ? value === null
    : type === "array"
      ? Array.isArray(value)
      : type === "integer"
        ? Number.isInteger(value)
        : type === "object"
          ? typeof value === "object" && value !== null && !Array.isArray(value)
          : typeof value === type

const within = (rule: Schema, amount: number, least: string, most: string): boolean =>
  amount >= Number(rule[least] ?? -Infinity) && amount <= Number(rule[most] ?? Infinity)

const ofText = (rule: Schema, value: string, at: string): string | null => {
  if (!within(rule, value.length, "minLength", "maxLength")) return `${at} has a wrong length`
  return typeof rule["pattern"] === "string" && !new RegExp(rule["pattern"]).test(value) ? `${at} does not match` : null
}

const ofNumber = (rule: Schema, value: number, at: string): string | null =>
  within(rule, value, "minimum", "maximum") ? null : `${at} is out of range`

function ofList(rule: Schema, value: unknown[], at: string): string | null {
  if (!within(rule, value.length, "minItems", "maxItems")) return `${at} has a wrong number of items`
  if (rule["items"] === undefined) return null
  return value.map((item, index) => problem(rule["items"] as Schema, item, `${at}[${index}]`)).find(Boolean) ?? null
}

function ofObject(rule: Schema, value: Schema, at: string): string | null {
  const missing = ((rule["required"] ?? []) as string[]).find((key) => !(key in value))
  if (missing !== undefined) return `${at} has no ${missing}`
  const named = (rule["properties"] ?? {}) as Record<string, Schema>
  const patterns = Object.entries((rule["patternProperties"] ?? {}) as Record<string, Schema>)
  for (const [key, item] of Object.entries(value)) {
    const rules = patterns.filter(([pattern]) => new RegExp(pattern).test(key)).map(([, one]) => one)
    if (Object.hasOwn(named, key)) rules.push(named[key] as Schema)
    const more = rule["additionalProperties"]
    if (rules.length === 0 && more === false) return `${at} has the unknown ${key}`
    if (rules.length === 0 && typeof more === "object" && more !== null) rules.push(more as Schema)
    const found = rules.map((one) => problem(one, item, `${at}.${key}`)).find(Boolean)
    if (found) return found
  }
  return null
}

const byGitLab = (text: string) => problem(schema, parse(text, { version: "1.1", merge: true }))
const input = {
  projectId: "p",
  buildId: "b",
  sha: "0".repeat(40),
  projectName: "shop",
  keep: [],
  play: [],
  attempt: "first" as const,
  mergeRequest: null,
}

test("the validator sees what is wrong", () => {
  expect(byGitLab("a: {script: x, scrpt: y}")).not.toBeNull()
  expect(byGitLab("a: {script: x, retry: 3}")).not.toBeNull()
  expect(byGitLab("a: {script: x, when: soon}")).not.toBeNull()
  expect(byGitLab("stages: build\na: {script: x}")).not.toBeNull()
  expect(byGitLab("a: {script: x}")).toBeNull()
})

test("everything in the subset is GitLab's", () => {
  const text = `
stages: [build, test]
variables:
  A: text
  B: {value: more, description: why, expand: false}
default:
  image: {name: node:24, entrypoint: [""]}
  before_script: [echo before]
  after_script: [echo after]
  cache: {key: x, paths: [node_modules/]}
  retry: {max: 2, when: [script_failure, runner_system_failure]}
  timeout: 1h 30m
  interruptible: true
.note: &note {script: [echo note]}
a:
  <<: *note
  stage: build
  artifacts: {name: x, paths: [dist/], exclude: ["**/*.map"], when: always, expire_in: 1 week}
b:
  script: [[echo one, echo two], echo three]
  needs: [a, {job: a, artifacts: false, optional: true}]
  dependencies: [a]
  allow_failure: {exit_codes: [1, 2]}
  variables: {C: 1, D: true}
  rules:
    - if: $CI_COMMIT_BRANCH == "main" && ($CI_PIPELINE_SOURCE == "push" || $CI_REGISTRY != null)
      when: manual
      allow_failure: true
    - when: never
c: {script: x, only: [main, branches], except: {refs: [tags]}, when: on_failure, retry: 1, allow_failure: true}`
  expect(byGitLab(text)).toBeNull()
  expect(planPipeline(parseChecksFile(text), input)).toHaveLength(3)
})

describe("our templates", () => {
  const folder = join(import.meta.dir, "../../../../templates")
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, ".gitlab-ci.yml")))
  test.each(names)("%s", async (name) => {
    const text = await Bun.file(join(folder, name, ".gitlab-ci.yml")).text()
    expect(byGitLab(text)).toBeNull()
    expect(planPipeline(parseChecksFile(text), input).length).toBeGreaterThan(0)
  })
})

test("the project's own file is valid too", async () => {
  const text = await Bun.file(join(import.meta.dir, "../../../../.gitlab-ci.yml")).text()
  expect(problem(schema as Schema, parse(text))).toBeNull()
  expect(problem(schema as Schema, { ...parse(text), proof: { stage: "test", script: 7 } })).not.toBeNull()
})
