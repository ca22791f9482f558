import { contractJson } from "./data.ts"
import { applyPatch, type PatchStep } from "./json-patch.ts"
import { gaps } from "./gaps.ts"

export interface Parameter {
  in: "path" | "query" | "body" | "formData" | "header"
  name: string
  type?: string
  enum?: unknown[]
  items?: { type?: string; enum?: unknown[] }
  required?: boolean
  schema?: Schema
}

export interface Schema {
  $ref?: string
  type?: string | string[]
  items?: Schema
  properties?: Record<string, Schema>
  [key: string]: unknown
}

export interface Operation {
  parameters?: Parameter[]
  responses: Record<string, { schema?: Schema }>
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  definitions: Record<string, Schema>
}

export interface Found {
  /** The path as the document writes it. */
  template: string
  operation: Operation
  params: Record<string, string>
}

/** Reads GitLab's document with its errata. */
export async function readOpenApi(folder: string): Promise<OpenApi> {
  const document = (await contractJson(folder, "openapi-v2.reduced.json")) as OpenApi
  applyPatch(document, (await contractJson(folder, "openapi-errata.json")) as PatchStep[])
  for (const { method, path, parameters } of gaps) {
    const operation = document.paths[path]?.[method]
    if (operation === undefined) throw new Error(`the document has no ${method} ${path}`)
    const names = parameters.map(({ name }) => name)
    operation.parameters = [...(operation.parameters ?? []).filter(({ name }) => !names.includes(name)), ...parameters]
  }
  return document
}

/** Finds operations by the paths of requests; fixed parts go before parameters. */
export function finder(document: OpenApi): (method: string, path: string) => Found | "method" | null {
  const routes = Object.entries(document.paths)
    .map(([template, operations]) => {
      const names: string[] = []
      const pattern = template.replaceAll(/\{(\w+)\}|\*(\w+)/g, (_, one?: string, rest?: string) => {
        names.push(one ?? rest ?? "")
        return one === undefined ? "(.+)" : "([^/]+)"
      })
      return { template, operations, names, pattern: new RegExp(`^${pattern}$`) }
    })
    .sort((a, b) => a.names.length - b.names.length)
  return (method, path) => {
    let known = false
    for (const { template, operations, names, pattern } of routes) {
      const values = pattern.exec(path)
      if (values === null) continue
      known = true
      const operation = operations[method.toLowerCase()]
      if (operation === undefined) continue
      const params = Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(values[i + 1] ?? "")]))
      return { template, operation, params }
    }
    return known ? "method" : null
  }
}
