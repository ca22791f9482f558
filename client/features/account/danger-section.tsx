import { useNavigate } from "@tanstack/react-router"
import { type FormEvent, useState } from "react"
import { errorLine } from "../../lib/error-text.ts"
import { forgetProjects } from "../../lib/project-stream.tsx"
import { queryClient } from "../../lib/query-client.ts"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { Field } from "../../ui/field.tsx"
import { formText } from "../../ui/form-text.ts"
import { Section } from "./section.tsx"

const t = strings.settings

/** The account and all that belongs to it go for good, after the password. */
export function DangerSection() {
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const remove = trpc.account.remove.useMutation({
    onSuccess: () => {
      forgetProjects()
      queryClient.clear()
      void navigate({ to: "/sign-in" })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    remove.mutate({ password: formText(event.currentTarget, "password") })
  }
  return (
    <Section title={t.danger} text={t.dangerText}>
      <Button className="justify-self-start text-bad" onClick={() => setOpen(true)}>
        {t.dangerButton}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t.dangerTitle} description={t.dangerConfirm}>
        <form onSubmit={submit} className="grid gap-4">
          <Field
            label={strings.account.password}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            error={remove.error === null ? null : errorLine(remove.error)}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{strings.common.cancel}</Button>
            <Button type="submit" look="danger" busy={remove.isPending}>
              {t.dangerYes}
            </Button>
          </div>
        </form>
      </Dialog>
    </Section>
  )
}
