/** A new id: UUID version 7, so that rows made later sort later in an index. */
export const newId = (): string => Bun.randomUUIDv7()
