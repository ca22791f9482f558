import type { Project } from "../../../shared/project.ts"
import { strings } from "../../lib/strings.ts"
import type { Tone } from "../../ui/status-dot.tsx"

export interface StateWords {
  words: string
  tone: Tone
  busy: boolean
}

interface Known {
  /** What is live is the newest version. */
  newestLive?: boolean
  /** It is the newest version's checks that failed, not the last answer. */
  checkFailed?: boolean
}

/** A project's state in words, with the colour that goes with them. */
export function stateWords(project: Project, { newestLive = false, checkFailed = false }: Known = {}): StateWords {
  const words = strings.project.status[project.status]
  switch (project.status) {
    case "working":
    case "checking":
      return { words, tone: "warn", busy: true }
    case "failed":
      return { words: checkFailed ? strings.project.checkFailed : words, tone: "bad", busy: false }
    case "empty":
      return { words, tone: "sleep", busy: false }
    case "ready":
      return { words: newestLive ? strings.project.live : words, tone: "good", busy: false }
  }
}
