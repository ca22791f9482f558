/** What an endpoint says: mostly JSON. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  /** Sent as it is when it is a string or bytes. */
  body?: unknown
}

/** Thrown by an endpoint to answer with an error at once. */
export class Refusal extends Error {
  override readonly name = "Refusal"

  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(`${status} ${JSON.stringify(body)}`)
  }
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const created = (body: unknown): Answer => ({ status: 201, body })
export const noContent = (): Answer => ({ status: 204 })
export const text = (body: string | Uint8Array, type = "text/plain"): Answer => ({
  status: 200,
  body,
  headers: { "content-type": type },
})

export const notFound = (what: string): Refusal => new Refusal(404, { message: `404 ${what} Not Found` })
export const badRequest = (message: unknown): Refusal => new Refusal(400, { message })
/** As the parser of parameters says it. */
export const badParameter = (words: string): Refusal => new Refusal(400, { error: words })
export const forbidden = (words = "403 Forbidden"): Refusal => new Refusal(403, { message: words })
