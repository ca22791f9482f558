import { Link } from "@tanstack/react-router"
import { strings } from "../lib/strings.ts"
import { trpc } from "../lib/trpc.ts"

/** Always visible while no model is connected: nobody should take the examples for the real thing. */
export function DemoBar() {
  const info = trpc.system.info.useQuery()
  if (info.data?.demo !== true) return null
  const { bar, add, rest } = strings.demo
  return (
    <p className="bg-warn-soft px-4 py-1.5 text-center text-sm text-warn">
      {bar}{" "}
      <Link to="/settings" hash="model" className="underline underline-offset-3">
        {add}
      </Link>{" "}
      {rest}
    </p>
  )
}
