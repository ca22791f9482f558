import type { Gitlab } from "@gitbeaker/rest"
import { boundedText } from "./bounded-text.ts"
import { unexpected } from "./errors.ts"
import { send, type TransportOptions } from "./client-transport.ts"

type RequesterFn = NonNullable<NonNullable<ConstructorParameters<typeof Gitlab<false>>[0]>["requesterFn"]>

interface Asked {
  searchParams?: Record<string, unknown>
  body?: unknown
}

/**
 * What gitbeaker sends its requests with, in place of its own: that one repeats writes, ignores `Retry-After`, and
 * loses the status of errors without a body.
 */
export function requesterOf(transport: TransportOptions, signal: () => AbortSignal | undefined): RequesterFn {
  return ({ url }) => {
    const by = (method: string) => async (endpoint: string, asked?: object) => {
      const { searchParams, body }: Asked = asked ?? {}
      const address = new URL(`${url.replace(/\/+$/, "")}/${endpoint}`)
      address.search = queryOf(searchParams ?? {})
      const hasBody = method !== "GET" && body !== undefined
      const request = {
        url: address,
        method,
        signal: signal(),
        ...(hasBody ? { body: JSON.stringify(snake(body), wellFormed) } : {}),
      }
      return send(transport, request, async (response) => ({
        body: await bodyOf(response),
        headers: Object.fromEntries(response.headers.entries()),
        status: response.status,
      }))
    }
    // oxlint-disable-next-line typescript/no-explicit-any -- gitbeaker lets every caller choose the type of an answer
    const any = by as (method: string) => any
    return { get: any("GET"), post: any("POST"), put: any("PUT"), patch: any("PATCH"), delete: any("DELETE") }
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 204) return null
  const type = response.headers.get("content-type") ?? ""
  if (type.startsWith("application/json")) {
    const text = await boundedText(response)
    try {
      return text === "" ? {} : (JSON.parse(text) as unknown)
    } catch {
      throw unexpected("What it calls JSON is none.", response.status)
    }
  }
  return type.startsWith("text/") ? boundedText(response) : response.blob()
}

function queryOf(params: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const item of value) query.append(`${snakeKey(key)}[]`, String(item))
    else if (isPlain(value)) query.append(snakeKey(key), String(value))
  }
  return query.toString()
}

const isPlain = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value)

/** Half a character, left by a cut, is no text for GitLab. */
const wellFormed = (_key: string, value: unknown): unknown => (typeof value === "string" ? value.toWellFormed() : value)

/** Names of the first level only: what is deeper may be a person's own. */
const snake = (body: unknown): unknown =>
  typeof body === "object" && body !== null && !Array.isArray(body)
    ? Object.fromEntries(Object.entries(body).map(([key, value]) => [snakeKey(key), value]))
    : body

const snakeKey = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
