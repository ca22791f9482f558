import { existsSync } from "node:fs"

const known = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
]

/** The browser of the journeys: `CHROMIUM_PATH`, the system's, else the one that comes as an npm package (Linux x64). */
export async function chromiumPath(): Promise<string> {
  const named = process.env["CHROMIUM_PATH"]
  if (named) return named
  const installed = known.find((path) => existsSync(path))
  if (installed) return installed
  const { default: packaged } = await import("@sparticuz/chromium")
  return packaged.executablePath()
}
