import { useEffect, useState } from "react"

const key = "gochat.conversationWidth"
const min = 360
const usual = 440
const stageMin = 380
const railWidth = 220

/** The width of the conversation, remembered on this device; the stage keeps its own least width. */
export function useConversationWidth(rail: boolean): {
  width: number
  min: number
  max: number
  setWidth: (width: number) => void
} {
  const [chosen, setChosen] = useState(() => Number(localStorage.getItem(key)) || usual)
  const [room, setRoom] = useState(() => window.innerWidth)
  useEffect(() => {
    const measure = () => setRoom(window.innerWidth)
    addEventListener("resize", measure)
    return () => removeEventListener("resize", measure)
  }, [])
  const max = Math.max(min, Math.min(820, room - stageMin - (rail ? railWidth : 0)))
  const setWidth = (width: number) => {
    setChosen(width)
    localStorage.setItem(key, String(Math.round(width)))
  }
  return { width: Math.min(max, Math.max(min, chosen)), min, max, setWidth }
}
