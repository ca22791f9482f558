import { Link } from "@tanstack/react-router"
import { strings } from "../../lib/strings.ts"
import { Logo } from "../../ui/logo.tsx"
import { AccountMenu } from "../account/account-menu.tsx"
import { ProjectGrid } from "./project-grid.tsx"
import { WishComposer } from "./wish-composer.tsx"

/** One large composer, and below it what was built before. */
export function HomePage() {
  return (
    <div className="thin-scroll h-full overflow-y-auto">
      <header className="flex h-15 items-center gap-3 px-7 phone:px-4">
        <Link to="/" className="flex items-center gap-2.5 text-[17px] phone:min-h-11 font-bold tracking-tight">
          <Logo />
          {strings.product}
        </Link>
        <span className="flex-1" />
        <AccountMenu />
      </header>
      <main className="mx-auto max-w-[1040px] px-7 pb-16 phone:px-4 phone:pb-10">
        <WishComposer />
        <ProjectGrid />
      </main>
    </div>
  )
}
