import type { Hook, World } from "../world.ts"

const minute = 60_000
const allowedFailures = 3
const failuresForGood = 40

/** A hook that failed often enough is switched off for a while, at last for good. One success resets. */
export function countOutcome(world: World, hook: Hook, success: boolean): void {
  if (success) {
    hook.failures = 0
    hook.disabledUntil = null
    hook.disabledForGood = false
    return
  }
  hook.failures++
  if (!world.settings.autoDisableHooks || hook.failures <= allowedFailures) return
  if (hook.failures >= failuresForGood || world.settings.version < 17.11) hook.disabledForGood = true
  const pause = Math.min(minute * 2 ** (hook.failures - allowedFailures - 1), 24 * 60 * minute)
  hook.disabledUntil = new Date(Date.now() + pause)
}

export function alertStatus(hook: Hook): "executable" | "disabled" | "temporarily_disabled" {
  if (hook.disabledForGood) return "disabled"
  return hook.disabledUntil !== null && hook.disabledUntil > new Date() ? "temporarily_disabled" : "executable"
}
