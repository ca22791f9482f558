/** So many of an id's digits at its end are GitLab's number of the job. */
const numberDigits = 14

/**
 * Makes our ids of GitLab's jobs, for one time of following a pipeline. An id holds GitLab's number, so that nothing
 * needs to remember which is which. Each time has ids of its own: what was written down of a job before the server
 * stopped goes with its old id, and its log begins anew.
 */
export function jobIds(): (remoteJobId: number) => string {
  const time = Date.now().toString(16).padStart(12, "0").slice(-12)
  const chance = (crypto.getRandomValues(new Uint16Array(1))[0] ?? 0).toString(16).padStart(4, "0")
  return (remoteJobId) => {
    const number = remoteJobId.toString(16).padStart(numberDigits, "0")
    return [time.slice(0, 8), time.slice(8), `8${chance.slice(1)}`, `80${number.slice(0, 2)}`, number.slice(2)].join(
      "-",
    )
  }
}

/** GitLab's number in an id of ours; null when it is no such id. */
export function remoteJobOf(id: string): number | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-80[0-9a-f]{2}-[0-9a-f]{12}$/.test(id)) return null
  const number = Number.parseInt(id.replaceAll("-", "").slice(-numberDigits), 16)
  return Number.isSafeInteger(number) ? number : null
}
