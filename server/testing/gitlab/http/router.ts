import type { Project, Token, World } from "../world.ts"
import type { Answer } from "./answer.ts"

export interface Call {
  world: World
  token: Token
  method: string
  /** Decoded, by their names in the route. */
  params: Record<string, string>
  query: Record<string, string | string[]>
  body: Record<string, unknown>
  headers: Headers
  /** Of the path as it was asked for, for links to other pages. */
  path: string
  search: URLSearchParams
}

export type Endpoint = (call: Call) => Answer | Promise<Answer>

/** The endpoints of one group: `GET /projects/:id` and what answers it. */
export type Routes = Record<string, Endpoint>

interface Route {
  /** As it is written, e.g. `GET /projects/:id`. */
  line: string
  method: string
  pattern: RegExp
  names: string[]
  endpoint: Endpoint
}

export interface Match {
  line: string
  endpoint: Endpoint
  params: Record<string, string>
}

/** Finds the endpoint of a path below `/api/v4`; a segment stays encoded until it is cut out. */
export class Router {
  readonly #routes: Route[] = []

  constructor(groups: readonly Routes[]) {
    for (const [line, endpoint] of groups.flatMap((group) => Object.entries(group))) {
      const [method = "", path = ""] = line.split(" ")
      const names: string[] = []
      const pattern = path.replaceAll(/([:*])(\w+)/g, (_, kind: string, name: string) => {
        names.push(name)
        return kind === ":" ? "([^/]+)" : "(.+)"
      })
      this.#routes.push({ line, method, pattern: new RegExp(`^${pattern}$`), names, endpoint })
    }
  }

  /** "method" when only another method is answered there. */
  find(method: string, path: string): Match | "method" | null {
    let known = false
    for (const route of this.#routes) {
      const found = route.pattern.exec(path)
      if (found === null) continue
      known = true
      if (route.method !== method) continue
      const params = Object.fromEntries(route.names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? "")]))
      return { line: route.line, endpoint: route.endpoint, params }
    }
    return known ? "method" : null
  }
}

/** The project of the call, by number or full path. */
export type WithProject = (call: Call, project: Project) => Answer | Promise<Answer>
