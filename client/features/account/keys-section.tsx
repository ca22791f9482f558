import { type FormEvent, useState } from "react"
import type { ApiKey } from "../../../shared/account.ts"
import { errorLine } from "../../lib/error-text.ts"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { copyText } from "../../ui/copy-text.ts"
import { Dialog } from "../../ui/dialog.tsx"
import { Field, inputClass } from "../../ui/field.tsx"
import { formText } from "../../ui/form-text.ts"
import { notify } from "../../ui/notice.tsx"
import { Section } from "./section.tsx"

const t = strings.settings

/** Keys for programs: made, shown once, removed. */
export function KeysSection() {
  const keys = trpc.account.keys.list.useQuery()
  const [removing, setRemoving] = useState<ApiKey | null>(null)
  return (
    <Section id="keys" title={t.keys} text={t.keysText}>
      <CreateKey />
      {keys.isError ? <p className="text-sm text-bad">{errorLine(keys.error)}</p> : null}
      {keys.data?.length === 0 ? <p className="text-sm text-muted">{t.noKeys}</p> : null}
      <ul className="grid">
        {keys.data?.map((key) => (
          <li key={key.id} className="flex min-h-12 items-center gap-3 border-t border-line py-2 first:border-0">
            <div className="min-w-0 flex-1">
              <p className="truncate">{key.name}</p>
              <p className="truncate text-sm text-muted">
                {key.start === null ? null : <span className="font-mono text-xs">{key.start}… · </span>}
                {t.keyUsed(key.lastUsedAt === null ? null : relativeTime(key.lastUsedAt))}
              </p>
            </div>
            <Button small onClick={() => setRemoving(key)}>
              {t.removeKey}
            </Button>
          </li>
        ))}
      </ul>
      <RemoveKey apiKey={removing} onClose={() => setRemoving(null)} />
    </Section>
  )
}

function CreateKey() {
  const create = trpc.account.keys.create.useMutation({
    onSuccess: () => void queries.account.keys.list.invalidate(),
    onError: (error) => notify(errorLine(error), "bad"),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = formText(event.currentTarget, "name").trim()
    if (name !== "") create.mutate({ name })
    event.currentTarget.reset()
  }
  const secret = create.data?.key
  return (
    <>
      <form onSubmit={submit} className="flex items-end gap-2">
        <Field
          label={t.keyName}
          name="name"
          maxLength={60}
          required
          placeholder={t.keyNameExample}
          className="flex-1"
        />
        <Button type="submit" busy={create.isPending} className="h-10">
          {t.createKey}
        </Button>
      </form>
      {secret === undefined ? null : (
        <div className="grid gap-2 rounded-lg bg-good-soft p-3.5">
          <p className="text-sm text-good">{t.keyOnce}</p>
          <div className="flex gap-2">
            <input
              readOnly
              value={secret}
              aria-label={t.keyOnce}
              onFocus={(event) => event.target.select()}
              className={`${inputClass} font-mono text-sm`}
            />
            <Button className="h-10" onClick={() => void copyText(secret)}>
              {strings.common.copy}
            </Button>
          </div>
        </div>
      )}
    </>
  )
}

function RemoveKey({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }) {
  const remove = trpc.account.keys.remove.useMutation({
    onSuccess: () => {
      void queries.account.keys.list.invalidate()
      onClose()
    },
    onError: (error) => notify(errorLine(error), "bad"),
  })
  return (
    <Dialog
      open={apiKey !== null}
      onOpenChange={onClose}
      title={t.removeKeyTitle(apiKey?.name ?? "")}
      description={t.removeKeyText}
      actions={
        <>
          <Button onClick={onClose}>{strings.common.cancel}</Button>
          <Button
            look="danger"
            busy={remove.isPending}
            onClick={() => apiKey !== null && remove.mutate({ keyId: apiKey.id })}
          >
            {t.removeKey}
          </Button>
        </>
      }
    />
  )
}
