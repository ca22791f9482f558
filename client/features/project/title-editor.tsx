import { useRef, useState } from "react"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { isComposing } from "../../ui/composing.ts"
import { notify } from "../../ui/notice.tsx"

/** The project's title; click to rename, Enter keeps, Escape leaves it. */
export function TitleEditor() {
  const { projectId } = useOpenProject()
  const title = useStream((state) => state.project?.title ?? "")
  const update = trpc.project.update.useMutation()
  const [editing, setEditing] = useState(false)
  const left = useRef(false)
  const shown = title || strings.project.untitled

  const keep = async (next: string) => {
    setEditing(false)
    if (left.current || next.trim() === "" || next.trim() === title) return
    try {
      await update.mutateAsync({ projectId, title: next.trim().slice(0, 300) })
    } catch (error) {
      notify(errorLine(error), "bad")
    }
  }

  if (editing) {
    return (
      <input
        ref={(node) => node?.focus()}
        defaultValue={title}
        maxLength={300}
        aria-label={strings.project.titleLabel}
        onFocus={(event) => event.target.select()}
        onBlur={(event) => void keep(event.target.value)}
        onKeyDown={(event) => {
          if (isComposing(event)) return
          if (event.key === "Enter") event.currentTarget.blur()
          if (event.key === "Escape") {
            left.current = true
            event.currentTarget.blur()
          }
        }}
        className="h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 font-semibold wide:max-w-96"
      />
    )
  }
  return (
    <h1 className="min-w-0">
      <button
        type="button"
        title={`${shown}\n${strings.project.rename}`}
        onClick={() => {
          left.current = false
          setEditing(true)
        }}
        className="flex h-8 max-w-[26rem] min-w-0 items-center rounded-md px-2 text-start font-semibold hover:bg-hover phone:h-11 phone:max-w-full phone:text-[14px] phone:leading-[1.3]"
      >
        <span className="line-clamp-1 wide:break-all phone:line-clamp-2">{shown}</span>
      </button>
    </h1>
  )
}
