import { Link } from "@tanstack/react-router"
import { strings } from "../lib/strings.ts"
import { trpc } from "../lib/trpc.ts"

/** Always visible while no model is connected: nobody should take the examples for the real thing. */
export function DemoBar() {
  const info = trpc.system.info.useQuery()
  if (info.data?.demo !== true) return null
  const { bar, add, rest } = strings.demo
  return (
    <aside aria-label={bar} className="shrink-0">
      <Link
        to="/settings"
        hash="model"
        className="block bg-warn-soft px-4 py-1.5 phone:px-2 text-center text-sm text-warn phone:flex phone:min-h-11 phone:items-center phone:justify-center"
      >
        <span>
          {bar} <span className="underline underline-offset-3">{add}</span>{" "}
          <span className="phone:sr-only">{rest}</span>
        </span>
      </Link>
    </aside>
  )
}
