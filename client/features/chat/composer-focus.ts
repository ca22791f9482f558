/** The composer's field, of which there is one on the page. */
export const composerId = "composer"

const field = (): HTMLTextAreaElement | null => {
  const node = document.getElementById(composerId)
  return node instanceof HTMLTextAreaElement ? node : null
}

export const focusComposer = (): void => field()?.focus()

const fill = "gochat:fill-composer"

/** Puts words into the composer for the person to change or send. */
export function fillComposer(text: string): void {
  dispatchEvent(new CustomEvent(fill, { detail: text }))
}

export function onFillComposer(handler: (text: string) => void): () => void {
  const listener = (event: Event) => {
    if (event instanceof CustomEvent && typeof event.detail === "string") handler(event.detail)
  }
  addEventListener(fill, listener)
  return () => removeEventListener(fill, listener)
}
