// Data that stays: `load` and `save` keep any JSON value on the server, under a name of a-z, 0-9 and "-".
// It is the same for everybody who opens this app, and it survives reloads, other devices and new versions.

const queues = new Map()
const versions = new Map()

/** The value saved under `name`, or `fallback` when nothing was saved yet. */
export async function load(name, fallback = null) {
  const response = await fetch(`/store/${name}`, { cache: "no-store" })
  if (!response.ok) throw new Error(await words(response))
  versions.set(name, response.headers.get("etag"))
  return (await response.json()) ?? fallback
}

/** Saves `value` under `name`. Saves of one name happen one after the other, in the order they were asked for. */
export function save(name, value) {
  return inLine(name, () => put(name, JSON.stringify(value), {}))
}

/**
 * Changes the value under `name` safely when several people use the app at once: `change` gets the newest
 * value and returns the new one. It may be called again when somebody else was faster.
 */
export function update(name, fallback, change) {
  return inLine(name, async () => {
    for (;;) {
      const value = change(await load(name, fallback))
      if (await put(name, JSON.stringify(value), { "if-match": versions.get(name) })) return value
    }
  })
}

async function put(name, body, headers) {
  const response = await fetch(`/store/${name}`, {
    method: "PUT",
    headers: { "content-type": "application/json", ...headers },
    body,
    // Finishes even when the page is closed or reloaded at this moment.
    keepalive: body.length < 60_000,
  })
  if (response.status === 412) return false
  if (!response.ok) throw new Error(await words(response))
  versions.set(name, response.headers.get("etag"))
  return true
}

function inLine(name, work) {
  const turn = (queues.get(name) ?? Promise.resolve()).catch(() => {}).then(work)
  queues.set(name, turn)
  return turn
}

async function words(response) {
  const body = await response.json().catch(() => null)
  return body?.error ?? `The data could not be reached (${response.status}).`
}
