import type { News, ProjectEvent } from "../../../shared/events.ts"

/** An event with its place in the log. `json` is its text on the wire, the same bytes live and replayed. */
export interface StoredEvent {
  readonly projectId: string
  readonly seq: number
  readonly type: News["type"]
  readonly json: string
}

/** `body` is the text of the news object; place comes first so that it need not be parsed again. */
export function storedEvent(projectId: string, seq: number, at: string, type: News["type"], body: string): StoredEvent {
  return { projectId, seq, type, json: `{"seq":${seq},"at":"${at}",${body.slice(1)}` }
}

/** The event as an object; the log holds only what `shared/events.ts` allows. */
export function parseEvent(event: StoredEvent): ProjectEvent {
  return JSON.parse(event.json) as ProjectEvent
}
