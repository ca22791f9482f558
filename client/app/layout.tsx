import { Outlet } from "@tanstack/react-router"
import { DemoBar } from "./demo-bar.tsx"
import { Keyboard } from "./keyboard.tsx"

/** Around every page: the demo bar above, the palette and shortcuts beside. */
export function Layout() {
  return (
    <div className="flex h-dvh flex-col">
      <DemoBar />
      <div className="min-h-0 flex-1">
        <Outlet />
      </div>
      <Keyboard />
    </div>
  )
}
