import { strings } from "../../lib/strings.ts"

const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/OPR\//, "Opera"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
]
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Mac OS X/, "macOS"],
  [/Windows/, "Windows"],
  [/Linux/, "Linux"],
]

/** "Firefox on Linux", as far as a user agent says. */
export function deviceWords(userAgent: string | null): string {
  const find = (list: [RegExp, string][]): string | undefined =>
    list.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1]
  const browser = find(browsers)
  const system = find(systems)
  return browser === undefined || system === undefined
    ? strings.settings.unknownDevice
    : strings.settings.device(browser, system)
}
