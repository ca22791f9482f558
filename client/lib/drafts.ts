const key = (place: string): string => `gochat.draft.${place}`

/** What was typed and not sent, per project (or "home"). Survives reload and signing out. */
export function readDraft(place: string): string {
  return localStorage.getItem(key(place)) ?? ""
}

export function writeDraft(place: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(key(place))
    else localStorage.setItem(key(place), text)
  } catch {
    // A full storage loses the draft at reload, nothing else.
  }
}
