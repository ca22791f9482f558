import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react"
import type { Outgoing } from "./outbox.ts"
import { Outbox } from "./outbox.ts"
import { serverSource } from "./stream-source.ts"
import { ProjectStream, type StreamState } from "./stream-store.ts"
import { api } from "./trpc.ts"

interface Open {
  projectId: string
  stream: ProjectStream
  outbox: Outbox
}

/** The projects looked at last, so that going back shows them at once and the stream goes on from where it was. */
const recent = new Map<string, Open>()
const keptOpen = 5

function open(projectId: string): Open {
  const known = recent.get(projectId)
  const entry = known ?? {
    projectId,
    stream: new ProjectStream(serverSource(projectId)),
    outbox: new Outbox(projectId, (message) => api.chat.send.mutate({ projectId, ...message })),
  }
  recent.delete(projectId)
  recent.set(projectId, entry)
  const oldest = recent.keys().next().value
  if (recent.size > keptOpen && oldest !== undefined) recent.delete(oldest)
  return entry
}

/** Another person may sign in next. */
export const forgetProjects = (): void => recent.clear()

const Context = createContext<Open | null>(null)

/** Opens a project's stream for everything below; `key` it by the project. */
export function ProjectStreamProvider({ projectId, children }: { projectId: string; children: ReactNode }) {
  const entry = open(projectId)
  useEffect(() => {
    const { stream, outbox } = entry
    const stop = stream.start()
    const settle = () => {
      if (stream.getState().phase !== "ready") return
      outbox.arrived(new Set(stream.getState().messages.map((message) => message.id)))
    }
    const unsubscribe = stream.subscribe(settle)
    settle()
    void outbox.flush()
    const back = () => {
      if (document.visibilityState === "hidden") return
      stream.wake()
      void outbox.flush()
    }
    let hiddenAt = 0
    const seen = () => {
      if (document.visibilityState === "hidden") hiddenAt = Date.now()
      else if (Date.now() - hiddenAt > 10_000) back()
    }
    addEventListener("online", back)
    document.addEventListener("visibilitychange", seen)
    return () => {
      removeEventListener("online", back)
      document.removeEventListener("visibilitychange", seen)
      unsubscribe()
      stop()
    }
  }, [entry])
  return <Context value={entry}>{children}</Context>
}

export function useOpenProject(): Open {
  const entry = useContext(Context)
  if (entry === null) throw new Error("outside ProjectStreamProvider")
  return entry
}

/** One part of what is known; the part must keep its identity while nothing in it changes. */
export function useStream<T>(select: (state: StreamState) => T): T {
  const { stream } = useOpenProject()
  return useSyncExternalStore(stream.subscribe, () => select(stream.getState()))
}

export function useOutbox(): readonly Outgoing[] {
  const { outbox } = useOpenProject()
  return useSyncExternalStore(outbox.subscribe, outbox.getItems)
}
