import { unexpected } from "./errors.ts"

/** A page of a hundred jobs, each with its commit and all that its runner tells, is far below. */
const longest = 32_000_000

/** The whole of an answer; throws for one that would fill the memory. */
export async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return ""
  const pieces: Uint8Array[] = []
  let length = 0
  // Leaving the loop gives the rest up.
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += piece.length
    if (length > longest) throw unexpected("The answer is too long.", response.status)
    pieces.push(piece)
  }
  return new TextDecoder().decode(Buffer.concat(pieces))
}
