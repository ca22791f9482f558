import type { AdminForge } from "../../../shared/admin.ts"
import type { Services } from "../../context.ts"
import type { SetupReport } from "../../ports/forge/port.ts"
import { addressWarnings } from "./address-warnings.ts"
import type { ForgeSetup } from "./forge-setup.ts"

const hour = 3_600_000

interface Times {
  /** Until the next look. */
  everyMs?: number
  /** The same while something does not work: whoever repairs it should see that soon. */
  againMs?: number
  /** What one look may take. */
  longestMs?: number
}

/** One look at a time. What it finds is in the log, and kept for the settings of admins. */
export function createSetupWatch(
  { forge, config, log }: Pick<Services, "forge" | "config" | "log">,
  { everyMs = 6 * hour, againMs = hour / 12, longestMs = 30_000 }: Times = {},
): ForgeSetup {
  const { remote } = forge
  const { gitlab, publicUrl } = config
  const closing = new AbortController()
  let last: { report: SetupReport; at: Date } | null = null
  let looking: Promise<void> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const report = (): AdminForge | null =>
    remote === null || gitlab === null
      ? null
      : {
          url: gitlab.url,
          group: gitlab.group,
          version: last?.report.version ?? null,
          problems: last?.report.problems ?? [],
          warnings: last?.report.warnings ?? [],
          checkedAt: last?.at.toISOString() ?? null,
        }

  async function look(): Promise<void> {
    if (remote === null || gitlab === null) return
    clearTimeout(timer)
    const late = AbortSignal.timeout(longestMs)
    try {
      const found = await remote.check(AbortSignal.any([closing.signal, late]))
      found.warnings.push(...addressWarnings(gitlab.url, publicUrl))
      note(found)
    } catch (error) {
      if (closing.signal.aborted) return
      if (!late.aborted) throw error
      const words = `GitLab at ${gitlab.url} did not answer in time. See whether it runs and is not overloaded.`
      note({ problems: [words], warnings: [], version: null })
    } finally {
      schedule()
    }
  }

  function note(found: SetupReport): void {
    const known = last !== null && Bun.deepEquals(last.report, found)
    last = { report: found, at: new Date() }
    // The same fault every few minutes says nothing new.
    if (known && found.problems.length > 0) return
    for (const words of found.problems) log.error({ gitlab: gitlab?.url }, words)
    for (const words of found.warnings) log.warn({ gitlab: gitlab?.url }, words)
    if (found.problems.length === 0) log.info({ gitlab: gitlab?.url, version: found.version }, "GitLab is set up")
  }

  function schedule(): void {
    if (closing.signal.aborted) return
    const fine = last !== null && last.report.problems.length === 0
    timer = setTimeout(background, fine ? everyMs : againMs)
    timer.unref()
  }

  const check = async (): Promise<AdminForge | null> => {
    looking ??= look().finally(() => (looking = null))
    await looking
    return report()
  }

  const background = (): void => {
    check().catch((err: unknown) => log.error({ err }, "GitLab's set-up could not be looked at"))
  }

  return {
    report,
    check,
    start: background,
    close: async () => {
      closing.abort(new Error("the server is stopping"))
      clearTimeout(timer)
      await looking?.catch(() => {})
    },
  }
}
