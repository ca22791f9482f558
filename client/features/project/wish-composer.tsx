import { useNavigate } from "@tanstack/react-router"
import { ArrowUp, Check, SlidersHorizontal } from "lucide-react"
import { type KeyboardEvent, useEffect, useRef, useState } from "react"
import { readDraft, writeDraft } from "../../lib/drafts.ts"
import { errorLine } from "../../lib/error-text.ts"
import { newId } from "../../lib/new-id.ts"
import { leaveMessage } from "../../lib/outbox.ts"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { isComposing } from "../../ui/composing.ts"
import { Button } from "../../ui/button.tsx"
import { Chip } from "../../ui/chip.tsx"
import { Menu, MenuItem } from "../../ui/menu.tsx"

const t = strings.start

/** What was asked for says best what a project is. */
const firstLine = (text: string): string => text.trim().split("\n", 1)[0]?.slice(0, 300) ?? ""

/** "What do you want to build?": makes the project, leaves the wish as its first message and opens it. */
export function WishComposer() {
  const navigate = useNavigate()
  const field = useRef<HTMLTextAreaElement>(null)
  const [wish, setWish] = useState(() => readDraft("home"))
  const [template, setTemplate] = useState<string | undefined>()
  const info = trpc.system.info.useQuery()
  // One id for all tries of one wish: pressing again after a cut connection makes no second project.
  const [projectId, setProjectId] = useState(newId)
  const create = trpc.project.create.useMutation()
  const limit = info.data?.limits.messageChars ?? Infinity
  const left = limit - wish.length

  const write = (text: string) => {
    setWish(text)
    writeDraft("home", text)
  }
  useEffect(() => {
    const node = field.current
    if (node === null) return
    node.style.height = "auto"
    node.style.height = `${Math.min(node.scrollHeight, 24 * 10)}px`
  }, [wish])

  const submit = async () => {
    if (wish.trim() === "" || left < 0 || create.isPending) return
    try {
      await create.mutateAsync({ id: projectId, template, description: firstLine(wish) })
    } catch {
      return
    }
    leaveMessage(projectId, wish.trim())
    writeDraft("home", "")
    setProjectId(newId())
    await navigate({ to: "/projects/$projectId", params: { projectId } })
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return
    event.preventDefault()
    void submit()
  }

  return (
    <section className="mx-auto max-w-[720px] pt-[clamp(32px,10dvh,92px)] pb-[clamp(40px,8dvh,74px)] text-center">
      <h1 className="mb-6 text-2xl font-bold tracking-[-0.022em] text-balance phone:text-[26px]">{t.title}</h1>
      <form
        className="flex min-h-[118px] flex-col justify-between rounded-xl border border-line bg-surface pt-3 pr-3 pb-2.5 pl-4 text-start shadow-float focus-within:border-line-strong"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <textarea
          ref={field}
          rows={2}
          value={wish}
          aria-label={t.label}
          placeholder={t.placeholder}
          onChange={(event) => write(event.target.value)}
          onKeyDown={press}
          className="thin-scroll w-full resize-none bg-transparent text-[16px] phone:min-h-24 leading-6 outline-none placeholder:text-faint"
        />
        <div className="mt-2.5 flex items-center gap-2">
          <TemplateMenu chosen={template} onChoose={setTemplate} />
          {left < 1000 ? (
            <span className={left < 0 ? "text-sm text-bad" : "text-sm text-muted"}>{strings.chat.charsLeft(left)}</span>
          ) : null}
          <span className="flex-1" />
          <button
            type="submit"
            aria-label={t.send}
            disabled={wish.trim() === "" || left < 0 || create.isPending}
            className="grid size-9 place-items-center rounded-lg bg-accent text-on-accent transition-colors duration-150 hover:bg-accent-strong disabled:bg-line disabled:text-faint phone:size-11"
          >
            <ArrowUp className="size-[18px]" aria-hidden />
          </button>
        </div>
      </form>
      {create.error === null ? null : (
        <p role="alert" className="mt-3 text-sm text-bad">
          {errorLine(create.error)}
        </p>
      )}
      <div className="mt-4.5 flex flex-wrap justify-center gap-2">
        {t.examples.map((example) => (
          <Chip
            key={example.label}
            onClick={() => {
              write(example.wish)
              field.current?.focus()
            }}
          >
            {example.label}
          </Chip>
        ))}
      </div>
    </section>
  )
}

function TemplateMenu({
  chosen,
  onChoose,
}: {
  chosen: string | undefined
  onChoose: (name: string | undefined) => void
}) {
  const info = trpc.system.info.useQuery()
  const templates = info.data?.templates ?? []
  const title = templates.find((template) => template.name === chosen)?.title
  const options = [{ name: undefined, title: t.templateAuto, description: t.templateAutoText }, ...templates]
  return (
    <Menu
      align="start"
      trigger={
        <Button look="quiet" small className="-ms-2 px-2" icon={<SlidersHorizontal className="icon" aria-hidden />}>
          {title ?? t.options}
        </Button>
      }
    >
      <p className="px-2.5 pt-1.5 pb-1 text-sm font-semibold text-muted">{t.template}</p>
      {options.map((option) => (
        <MenuItem
          key={option.name ?? ""}
          icon={<Check className={option.name === chosen ? "icon text-accent" : "icon invisible"} aria-hidden />}
          onSelect={() => onChoose(option.name)}
        >
          <span className="grid max-w-72 py-1">
            {option.title}
            <span className="text-sm text-muted">{option.description}</span>
          </span>
        </MenuItem>
      ))}
    </Menu>
  )
}
