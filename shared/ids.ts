import { z } from "zod"

/** Every id is a UUID; ids of things a client creates may be given by the client. */
export const id = z.guid().toLowerCase()

/** A git commit: the full 40 hex digits, or at least the first 7 of them. */
export const sha = z.string().regex(/^[0-9a-f]{7,40}$/, "a commit is 7 to 40 hex digits")

/** Times on the wire are ISO 8601 strings in UTC. */
export const time = z.iso.datetime()
