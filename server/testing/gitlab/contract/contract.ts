import { contractFolder } from "./data.ts"
import { uncut, wider } from "./gaps.ts"
import { finder, type Found, type Parameter, readOpenApi, type Schema } from "./openapi.ts"
import { readFixtures, Schemas } from "./schemas.ts"

export interface SeenRequest {
  method: string
  /** From `/api/v4` on, encoded as it came. */
  path: string
  query: URLSearchParams
  /** null when there was none. */
  body: unknown
}

/** Holds requests and answers against GitLab's documents; returns what is wrong in words. */
export interface Contract {
  request(seen: SeenRequest): string[]
  answer(seen: SeenRequest, status: number, body: unknown): string[]
}

const fixturesOf: Record<string, string[]> = {
  API_Entities_Metadata: ["metadata.json"],
  API_Entities_ProjectHook: ["project_hook.json"],
  API_Entities_Ci_Job: ["job.json"],
  API_Entities_Ci_Pipeline: ["pipeline.json", "pipeline/detail.json"],
  API_Entities_Ci_PipelineWithMetadata: ["pipeline.json", "pipeline/detail.json"],
  API_Entities_Ci_PipelineBasic: ["pipeline.json"],
  API_Entities_Commit: ["commit/basic.json"],
  API_Entities_CommitDetail: ["commit/detail.json"],
  API_Entities_Branch: ["branch.json"],
  API_Entities_Tag: ["tag.json"],
  API_Entities_Project: ["project.json"],
  API_Entities_ProjectWithAccess: ["project.json"],
  API_Entities_BasicProjectDetails: ["project.json"],
}

let said = false

/** Null where the data is absent, with a word. */
export async function readContract(): Promise<Contract | null> {
  const folder = contractFolder()
  if (folder === null) {
    if (!said) console.warn("GitLab's documents are not here: requests and answers are not checked against them")
    said = true
    return null
  }
  const document = await readOpenApi(folder)
  const schemas = new Schemas(document, await readFixtures(folder))
  const find = finder(document)

  function request({ method, path, query, body }: SeenRequest): string[] {
    if (uncut.test(path)) return []
    const found = find(method === "HEAD" ? "GET" : method, path)
    if (found === null) return ["the document has no such path"]
    if (found === "method") return ["the document has no such method"]
    return [...checkValues(found, query), ...checkBody(schemas, found, body)]
  }

  function answer({ method, path }: SeenRequest, status: number, body: unknown): string[] {
    if (uncut.test(path) || status >= 300) return []
    const found = find(method, path)
    if (found === null || found === "method") return []
    const response = found.operation.responses[String(status)]
    if (response === undefined) return [`the document does not know the answer ${status}`]
    const { schema } = response
    if (schema === undefined) return []
    const name = refName(schema.items ?? schema)
    if ((schema.type === "array") !== Array.isArray(body) && name !== "") return ["a list and no list"]
    const rows = (Array.isArray(body) ? body : [body]) as unknown[]
    const known = document.definitions[wider[name] ?? name]?.properties
    const problems = rows.flatMap((row) => [
      ...(fixturesOf[name] ?? []).flatMap((fixture) => schemas.fixture(fixture, row)),
      ...Object.keys(known === undefined ? {} : (row as object)).flatMap((key) =>
        known !== undefined && key in known ? [] : [`nobody knows the key ${key} of ${name}`],
      ),
    ])
    return [...new Set(problems)]
  }
  return { request, answer }
}

const refName = (schema: Schema): string => schema.$ref?.split("/").at(-1) ?? ""

function checkValues({ operation, params }: Found, query: URLSearchParams): string[] {
  const parameters = operation.parameters ?? []
  const problems: string[] = []
  for (const name of new Set([...query.keys()].map((key) => key.replace(/\[\]$/, "")))) {
    const parameter = parameters.find((known) => known.in === "query" && known.name === name)
    const values = [...query.getAll(name), ...query.getAll(`${name}[]`)]
    if (parameter === undefined) problems.push(`the document has no parameter ${name}`)
    else if (parameter.type !== "array" && values.length > 1) problems.push(`${name} is not a list`)
    else problems.push(...values.flatMap((value) => checkText(parameter, value)))
  }
  for (const parameter of parameters) {
    if (parameter.in === "path") problems.push(...checkText(parameter, params[parameter.name] ?? ""))
    if (
      parameter.in === "query" &&
      parameter.required === true &&
      !query.has(parameter.name) &&
      params[parameter.name] === undefined
    ) {
      problems.push(`${parameter.name} is missing`)
    }
  }
  return problems
}

function checkText({ name, type, enum: values, items }: Parameter, value: string): string[] {
  const wanted = type === "array" ? items?.type : type
  const allowed = type === "array" ? items?.enum : values
  if (wanted === "integer" && !/^-?\d+$/.test(value)) return [`${name} is no whole number: ${value}`]
  if (wanted === "boolean" && !/^(?:true|false|0|1)$/.test(value))
    return [`${name} is neither true nor false: ${value}`]
  if (allowed !== undefined && !allowed.map(String).includes(value)) return [`${name} cannot be ${value}`]
  return []
}

function checkBody(schemas: Schemas, { operation }: Found, body: unknown): string[] {
  if (body === undefined) return []
  const parameters = operation.parameters ?? []
  const wanted = parameters.find((parameter) => parameter.in === "body")?.schema?.$ref
  // None is one without keys: some of them may have to be there.
  if (wanted !== undefined) return schemas.definition(wanted, body ?? {})
  if (body === null) return []
  // Parameters of a query may come in a body as well.
  return Object.keys(body).flatMap((key) =>
    parameters.some((parameter) => parameter.in === "query" && parameter.name === key)
      ? []
      : [`the document has no parameter ${key}`],
  )
}
