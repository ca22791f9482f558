import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react"

export type Device = "desktop" | "tablet" | "phone"

interface Preview {
  /** Where the app in the frame is now, as it told us. */
  path: string
  setPath: (path: string) => void
  /** What the frame was last sent to; `turn` counts the loads. */
  wanted: { path: string; turn: number }
  go: (path: string) => void
  reload: () => void
  device: Device
  setDevice: (device: Device) => void
  /** The origin that the frame shows; null while it shows none. */
  origin: string | null
  setOrigin: (origin: string | null) => void
}

const Context = createContext<Preview | null>(null)

/** Where the preview stands, shared by the frame and the tools above it. */
export function PreviewProvider({ children }: { children: ReactNode }) {
  const [path, setPath] = useState("/")
  const [wanted, setWanted] = useState({ path: "/", turn: 0 })
  const [device, setDevice] = useState<Device>("desktop")
  const [origin, setOrigin] = useState<string | null>(null)
  const go = useCallback((next: string) => {
    const clean = next.startsWith("/") ? next : `/${next}`
    setPath(clean)
    setWanted((now) => ({ path: clean, turn: now.turn + 1 }))
  }, [])
  const reload = useCallback(() => {
    setPath((now) => {
      setWanted(({ turn }) => ({ path: now, turn: turn + 1 }))
      return now
    })
  }, [])
  const value = useMemo(
    () => ({ path, setPath, wanted, go, reload, device, setDevice, origin, setOrigin }),
    [path, wanted, go, reload, device, origin],
  )
  return <Context value={value}>{children}</Context>
}

export function usePreview(): Preview {
  const preview = useContext(Context)
  if (preview === null) throw new Error("outside PreviewProvider")
  return preview
}
