/** Asks a container engine at `unix://…`, `tcp://…` or `http://…` in its own words; throws with what it said when it refuses. */
export async function callEngine(host: string, path: string, init: RequestInit = {}): Promise<Response> {
  const socket = host.startsWith("unix://") ? host.slice("unix://".length) : null
  const url = socket === null ? `${host.replace(/^tcp:/, "http:")}${path}` : `http://engine${path}`
  const answer = await fetch(url, { ...init, ...(socket === null ? {} : { unix: socket }) })
  if (answer.ok) return answer
  throw new Error(`The container engine refused ${path.split("?")[0]}: ${(await answer.text()).trim()}`)
}

/** Whether an engine answers at `host` now. */
export function engineAnswers(host: string): Promise<boolean> {
  return callEngine(host, "/_ping", { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  )
}
