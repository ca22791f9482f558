import { Link, useRouter } from "@tanstack/react-router"
import { CircleAlert, SearchX } from "lucide-react"
import { errorText, isMissing } from "../lib/error-text.ts"
import { strings } from "../lib/strings.ts"
import { Button, buttonClass } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"

/** Shown in place of a page that threw: what happened, and two ways on. */
export function ErrorPage({ error }: { error: unknown }) {
  const router = useRouter()
  if (isMissing(error)) return <MissingPage />
  const { words, next, detail } = errorText(error)
  return (
    <main className="flex h-full">
      <EmptyState
        icon={<CircleAlert />}
        title={strings.error.pageTitle}
        action={
          <>
            <Button look="primary" onClick={() => void router.invalidate()}>
              {strings.error.tryAgain}
            </Button>
            <Link to="/" className={buttonClass()}>
              {strings.error.backHome}
            </Link>
          </>
        }
      >
        {words} {next}
        {detail === null ? null : <span className="mt-1 block text-sm">{detail}</span>}
      </EmptyState>
    </main>
  )
}

/** There is no such page or project. */
export function MissingPage() {
  return (
    <main className="flex h-full">
      <EmptyState
        icon={<SearchX />}
        title={strings.error.missingTitle}
        action={
          <Link to="/" className={buttonClass("primary")}>
            {strings.error.backHome}
          </Link>
        }
      >
        {strings.error.missingWords}
      </EmptyState>
    </main>
  )
}
