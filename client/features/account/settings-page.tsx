import { Link } from "@tanstack/react-router"
import { ChevronLeft } from "lucide-react"
import { strings } from "../../lib/strings.ts"
import { iconButtonClass } from "../../ui/icon-button.tsx"
import { AppearanceSection } from "./appearance-section.tsx"
import { DangerSection } from "./danger-section.tsx"
import { GitLabSection } from "./gitlab-section.tsx"
import { KeysSection } from "./keys-section.tsx"
import { ModelSection } from "./model-section.tsx"
import { PasswordSection } from "./password-section.tsx"
import { ProfileSection } from "./profile-section.tsx"
import { RunningSection } from "./running-section.tsx"
import { SessionsSection } from "./sessions-section.tsx"

/** Everything about the account and this server, on one page. */
export function SettingsPage() {
  return (
    <div className="thin-scroll h-full overflow-y-auto">
      <header className="mx-auto flex h-15 max-w-[720px] items-center gap-2 px-4">
        <Link to="/" aria-label={strings.home} className={iconButtonClass}>
          <ChevronLeft className="size-[18px]" aria-hidden />
        </Link>
        <h1 className="text-lg font-semibold tracking-tight">{strings.settings.title}</h1>
      </header>
      <main className="mx-auto grid max-w-[720px] grid-cols-[minmax(0,1fr)] gap-5 px-4 pt-2 pb-16">
        <ProfileSection />
        <AppearanceSection />
        <ModelSection />
        <GitLabSection />
        <RunningSection />
        <PasswordSection />
        <SessionsSection />
        <KeysSection />
        <DangerSection />
      </main>
    </div>
  )
}
