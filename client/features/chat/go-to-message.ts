const asked = "gochat:go-to-message"

/** Asks for the message of a run once more: to the router the same address again is nothing new. */
export function goToMessage(runId: string): void {
  dispatchEvent(new CustomEvent(asked, { detail: runId }))
}

export function onGoToMessage(handler: (runId: string) => void): () => void {
  const listener = (event: Event) => {
    if (event instanceof CustomEvent && typeof event.detail === "string") handler(event.detail)
  }
  addEventListener(asked, listener)
  return () => removeEventListener(asked, listener)
}
