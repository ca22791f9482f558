import { useSearch } from "@tanstack/react-router"
import type { Tab } from "../lib/project-search.ts"
import { usePhone } from "../lib/use-media.ts"

/** The part of the project that is shown; on a wide screen the conversation is always there. */
export function useTab(): Tab {
  const { tab } = useSearch({ from: "/projects/$projectId" })
  const phone = usePhone()
  if (phone) return tab ?? "chat"
  return tab === undefined || tab === "chat" ? "preview" : tab
}
