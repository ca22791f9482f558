import { Eye, EyeOff } from "lucide-react"
import { type FormEvent, useState } from "react"
import { queryClient } from "../../lib/query-client.ts"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { Field } from "../../ui/field.tsx"
import { formText } from "../../ui/form-text.ts"
import { iconButtonClass } from "../../ui/icon-button.tsx"
import { Logo } from "../../ui/logo.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { AuthError, signIn, signUp } from "./auth-client.ts"

const t = strings.account
const passwordMin = 8

/** One card: sign in, create an account, or, on a fresh server, create the owner. */
export function SignInPage({ onDone }: { onDone: () => void }) {
  const info = trpc.system.info.useQuery(undefined, { staleTime: 0 })
  const [wantsAccount, setWantsAccount] = useState(false)
  const signup = info.data?.signup
  const first = signup === "first"
  const creating = first || (wantsAccount && signup === "open")
  return (
    <main className="grid min-h-full place-items-center bg-bg p-4">
      <div className="grid w-full max-w-[400px] gap-6">
        <div className="flex items-center justify-center gap-2.5 text-[17px] font-bold tracking-tight">
          <Logo />
          {strings.product}
        </div>
        <div className="grid gap-5 rounded-xl border border-line bg-surface p-6 shadow-card phone:p-5">
          {info.isPending ? (
            <Skeleton className="h-64" />
          ) : (
            <>
              <div className="grid gap-1">
                <h1 className="text-xl font-semibold tracking-tight">
                  {first ? t.firstTitle : creating ? t.upTitle : t.inTitle}
                </h1>
                {first ? <p className="text-muted">{t.firstText}</p> : null}
              </div>
              <SignInForm key={String(creating)} creating={creating} onDone={onDone} />
              {signup === "open" ? (
                <Button look="quiet" className="-mt-1 -mb-2" onClick={() => setWantsAccount(!creating)}>
                  {creating ? t.toIn : t.toUp}
                </Button>
              ) : null}
              {signup === "closed" ? <p className="text-sm text-muted">{t.closed}</p> : null}
            </>
          )}
        </div>
      </div>
    </main>
  )
}

function SignInForm({ creating, onDone }: { creating: boolean; onDone: () => void }) {
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<{ field: "email" | "password" | "form"; words: string } | null>(null)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const email = formText(form, "email").trim()
    const password = formText(form, "password")
    if (!/^\S+@\S+\.\S+$/.test(email)) return setProblem({ field: "email", words: t.emailWrong })
    if (creating && password.length < passwordMin) return setProblem({ field: "password", words: t.passwordShort })
    setBusy(true)
    setProblem(null)
    try {
      await (creating ? signUp(email, password) : signIn(email, password))
      queryClient.clear()
      onDone()
    } catch (error) {
      setProblem({ field: "form", words: error instanceof AuthError ? error.message : t.failed })
      setBusy(false)
    }
  }

  return (
    <form noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
      <Field
        label={t.email}
        name="email"
        type="email"
        autoComplete="username"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        error={problem?.field === "email" ? problem.words : null}
      />
      <Field
        label={t.password}
        name="password"
        type={shown ? "text" : "password"}
        autoComplete={creating ? "new-password" : "current-password"}
        required
        hint={creating ? t.passwordRule : undefined}
        error={problem?.field === "password" ? problem.words : null}
        trailing={
          <button
            type="button"
            aria-label={shown ? t.hidePassword : t.showPassword}
            aria-pressed={shown}
            className={iconButtonClass}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff className="icon" aria-hidden /> : <Eye className="icon" aria-hidden />}
          </button>
        }
      />
      {problem?.field === "form" ? (
        <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
          {problem.words}
        </p>
      ) : null}
      <Button type="submit" look="primary" busy={busy} className="h-10">
        {creating ? t.create : t.signIn}
      </Button>
    </form>
  )
}
