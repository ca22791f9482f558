import Ajv, { type ValidateFunction } from "ajv"
import { contractJson } from "./data.ts"
import type { OpenApi, Schema } from "./openapi.ts"

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/** Schemas by name: GitLab's definitions of bodies and its own fixtures of answers. */
export class Schemas {
  readonly #ajv = new Ajv({ strict: false, allErrors: true, logger: false, formats: formats() })

  constructor(document: OpenApi, fixtures: Record<string, unknown>) {
    const definitions = Object.fromEntries(
      Object.entries(document.definitions).map(([name, schema]) => [
        name,
        plain(schema, /^(?:post|put|patch)/.test(name)),
      ]),
    )
    this.#ajv.addSchema({ $id: "http://gitlab/api", definitions })
    for (const [path, schema] of Object.entries(fixtures)) {
      this.#ajv.addSchema({ ...(schema as object), $id: `http://gitlab/fixtures/${path}` })
    }
  }

  /** What is wrong with a body of that definition. */
  definition(ref: string, value: unknown): string[] {
    return problems(this.#ajv.getSchema(`http://gitlab/api${ref}`), value)
  }

  fixture(path: string, value: unknown): string[] {
    return problems(this.#ajv.getSchema(`http://gitlab/fixtures/${path}`), value)
  }
}

/** The fixtures of answers with their paths. */
export async function readFixtures(folder: string): Promise<Record<string, unknown>> {
  const paths = [...new Bun.Glob("**/*.json").scanSync(`${folder}/response-schemas`)]
  const read = paths.map(async (path) => [path, await contractJson(folder, `response-schemas/${path}`)] as const)
  return Object.fromEntries(await Promise.all(read))
}

function problems(validate: ValidateFunction | undefined, value: unknown): string[] {
  if (validate === undefined) return ["there is no such schema"]
  if (validate(value)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

const formats = () =>
  ({ "date-time": isoTime, int32: true, int64: true, float: true, date: true, binary: true }) as const

/** Swagger 2's own words as JSON Schema; `closed`: keys that are not named are wrong. */
function plain(schema: Schema, closed: boolean): Schema {
  const { type, items, properties } = schema
  const known = type === "file" || type === "symbol" ? undefined : type
  const made: Schema = { ...schema }
  delete made.type
  delete made["example"]
  if (known !== undefined) made.type = schema["x-nullable"] === true ? [known as string, "null"] : known
  if (items !== undefined) made.items = plain(items, closed)
  if (properties === undefined) return made
  made.properties = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(value, closed)]))
  if (closed) made["additionalProperties"] = false
  return made
}
