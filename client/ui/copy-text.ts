import { notify } from "./notice.tsx"
import { strings } from "../lib/strings.ts"

/** Copies text and says so, or says that the browser refused. */
export async function copyText(text: string, words: string = strings.common.copied): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify(words)
  } catch {
    notify(strings.common.copyFailed, "bad")
  }
}
