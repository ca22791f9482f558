import { type FormEvent, useState } from "react"
import { strings } from "../../lib/strings.ts"
import { queries } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { Field } from "../../ui/field.tsx"
import { formText } from "../../ui/form-text.ts"
import { notify } from "../../ui/notice.tsx"
import { AuthError, changePassword } from "./auth-client.ts"
import { Section } from "./section.tsx"

const t = strings.settings

/** A new password ends the other sessions. */
export function PasswordSection() {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const next = formText(form, "next")
    if (next.length < 8) return setProblem(strings.account.passwordShort)
    setBusy(true)
    setProblem(null)
    try {
      await changePassword(formText(form, "current"), next)
      form.reset()
      notify(t.passwordChanged)
      void queries.account.sessions.invalidate()
    } catch (error) {
      setProblem(error instanceof AuthError ? error.message : strings.account.failed)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={t.password}>
      <form noValidate onSubmit={(event) => void submit(event)} className="grid items-start gap-4 wide:grid-cols-2">
        <Field label={t.currentPassword} name="current" type="password" autoComplete="current-password" required />
        <Field
          label={t.newPassword}
          name="next"
          type="password"
          autoComplete="new-password"
          required
          hint={strings.account.passwordRule}
          error={problem}
        />
        <Button type="submit" busy={busy} className="justify-self-start">
          {t.changePassword}
        </Button>
      </form>
    </Section>
  )
}
