import { Clip } from "./output.ts"

/** Reads what a command prints to its end: tells it while it comes, keeps both ends of it. */
export async function readOutput(
  output: AsyncIterable<Uint8Array>,
  { maxOutputBytes, onOutput }: { maxOutputBytes: number; onOutput?: ((text: string) => void) | undefined },
): Promise<Clip> {
  const clip = new Clip(maxOutputBytes)
  const decoder = new TextDecoder()
  for await (const chunk of output) {
    const kept = clip.add(chunk)
    if (kept.length > 0) onOutput?.(decoder.decode(kept, { stream: true }))
  }
  const rest = decoder.decode() + clip.rest()
  if (rest !== "") onOutput?.(rest)
  return clip
}
