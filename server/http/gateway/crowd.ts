/** How many at once: of one app, and of all together. */
interface Room {
  each: number
  all: number
}

/**
 * Requests towards apps: the server's own may not wait for a place behind an app that hangs, so all together stay well
 * below what Bun sends at once (4096, as the server is started).
 */
export const requestRoom: Room = { each: 200, all: 3_000 }
export const socketRoom: Room = { each: 500, all: 5_000 }

/** Counts who is inside; an app can fill its own place only. */
export class Crowd {
  readonly #inside = new Map<string, number>()
  #all = 0

  constructor(private readonly room: Room) {}

  /** Takes a place; null when there is none. Call the result once it is free again; more often does no harm. */
  enter(name: string): (() => void) | null {
    const inside = this.#inside.get(name) ?? 0
    if (inside >= this.room.each || this.#all >= this.room.all) return null
    this.#inside.set(name, inside + 1)
    this.#all++
    let left = false
    return () => {
      if (left) return
      left = true
      this.#all--
      const now = (this.#inside.get(name) ?? 1) - 1
      if (now === 0) this.#inside.delete(name)
      else this.#inside.set(name, now)
    }
  }
}
