/** A request as it came in and went out. */
export interface LoggedRequest {
  method: string
  /** With the query. */
  path: string
  headers: Headers
  /** As text; of git's requests nothing. */
  body: string
  /** 0 while it is not answered. */
  status: number
  /** What was done to it, e.g. "throttled". */
  trouble: string | null
  at: Date
  ms: number
}
