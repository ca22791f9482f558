import { type FormEvent } from "react"
import { errorLine } from "../../lib/error-text.ts"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { Field } from "../../ui/field.tsx"
import { formText } from "../../ui/form-text.ts"
import { notify } from "../../ui/notice.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { Section } from "./section.tsx"

const t = strings.settings

/** Name, email and what this account may do. */
export function ProfileSection() {
  const account = trpc.account.get.useQuery()
  const update = trpc.account.update.useMutation({
    onSuccess: () => {
      notify(strings.common.saved)
      void queries.account.get.invalidate()
    },
    onError: (error) => notify(errorLine(error), "bad"),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = formText(event.currentTarget, "name").trim()
    if (name !== "") update.mutate({ name })
  }
  return (
    <Section title={t.profile} text={account.data === undefined ? undefined : t.role[account.data.role]}>
      {account.data === undefined ? (
        <Skeleton className="h-16" />
      ) : (
        <form onSubmit={submit} className="grid gap-4">
          <p className="text-sm">
            <span className="font-semibold">{t.email}</span>
            <br />
            <span className="text-muted">{account.data.email}</span>
          </p>
          <div className="flex items-end gap-2">
            <Field
              label={t.name}
              name="name"
              defaultValue={account.data.name}
              maxLength={120}
              required
              autoComplete="name"
              className="flex-1"
            />
            <Button type="submit" busy={update.isPending} className="h-10">
              {strings.common.save}
            </Button>
          </div>
        </form>
      )}
    </Section>
  )
}
