/**
 * The bytes of an engine's output stream without its frames: 8 bytes before each piece, of which the last four are its
 * length (Docker Engine API, "Attach to a container", stream format). Reading slowly slows whoever writes.
 */
export async function* withoutFrames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0)
  let left = 0
  for await (const piece of stream) {
    let rest: Buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    while (rest.length > 0) {
      if (left > 0) {
        const taken = rest.subarray(0, left)
        left -= taken.length
        rest = rest.subarray(taken.length)
        yield taken
        continue
      }
      const missing = 8 - head.length
      head = Buffer.concat([head, rest.subarray(0, missing)])
      rest = rest.subarray(missing)
      if (head.length < 8) break
      left = head.readUInt32BE(4)
      head = Buffer.alloc(0)
    }
  }
}
