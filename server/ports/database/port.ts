/** A Postgres that answers at `url` until `stop` is called. */
export interface DatabaseServer {
  readonly mode: "embedded" | "external"
  readonly url: string
  /** Server version, e.g. "18.4". */
  readonly version: string
  /** Embedded: ends the database. External: does nothing. */
  stop(): Promise<void>
}
