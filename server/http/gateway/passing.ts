/**
 * The same bytes, piece by piece as they are asked for. `onPiece` is called for each, `onOver` once when the stream has
 * ended, broke off or was let go.
 */
export function passing(
  body: ReadableStream<Uint8Array>,
  { onPiece = () => {}, onOver = () => {} }: { onPiece?: () => void; onOver?: () => void },
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          onPiece()
          if (!done) return controller.enqueue(value)
          onOver()
          return controller.close()
        } catch (error) {
          onOver()
          return controller.error(error)
        }
      },
      async cancel(reason) {
        onOver()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
