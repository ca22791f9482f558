import type { KeyboardEvent } from "react"

/** Whether Enter belongs to an input method; Safari ends the composition before it reports the key, as 229. */
export const isComposing = (event: KeyboardEvent): boolean => event.nativeEvent.isComposing || event.keyCode === 229
