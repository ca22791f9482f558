import { AppError } from "../app-error.ts"

/**
 * The request, with a body that is known to be at most `max` bytes; throws `too_large`. A body with a stated length is
 * left as it is, one without is read here.
 */
export async function limitBody(request: Request, max: number): Promise<Request> {
  const length = request.headers.get("content-length")
  if (length !== null) {
    if (Number(length) > max) throw tooLarge(max)
    return request
  }
  if (request.body === null) return request
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body) {
    bytes += chunk.byteLength
    if (bytes > max) throw tooLarge(max)
    chunks.push(chunk)
  }
  const { method, headers, signal } = request
  return new Request(request.url, { method, headers, signal, body: new Uint8Array(Buffer.concat(chunks)) })
}

function tooLarge(max: number): AppError {
  return new AppError("too_large", `The body may have at most ${Math.floor(max / 1024)} kB.`)
}
