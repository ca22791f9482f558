import type { LiveAccess } from "../../../shared/project.ts"
import { cx } from "../../lib/cx.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject, useStream } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { notify } from "../../ui/notice.tsx"

const t = strings.project.access
const choices: readonly LiveAccess[] = ["public", "members"]

/** Who may open the live app; a choice holds at once. */
export function LiveAccessChoice() {
  const { projectId } = useOpenProject()
  const kept = useStream((state) => state.project?.liveAccess ?? "public")
  const update = trpc.project.update.useMutation()
  const chosen = update.isPending ? (update.variables.liveAccess ?? kept) : kept
  const choose = async (liveAccess: LiveAccess) => {
    try {
      await update.mutateAsync({ projectId, liveAccess })
      notify(t.kept[liveAccess])
    } catch (error) {
      notify(errorLine(error), "bad")
    }
  }
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-sm font-semibold">{t.title}</legend>
      {choices.map((name) => (
        <label
          key={name}
          className={cx(
            "grid min-h-11 cursor-pointer grid-cols-[auto_1fr] items-center gap-x-3 rounded-md border px-3 py-2.5 font-semibold has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            chosen === name ? "border-accent bg-accent-soft" : "border-line-strong hover:bg-hover",
          )}
        >
          <input
            type="radio"
            name="live-access"
            className="accent-accent"
            checked={chosen === name}
            onChange={() => void choose(name)}
          />
          {t[name]}
          <span className="col-start-2 text-sm font-normal text-muted">{t.hint[name]}</span>
        </label>
      ))}
    </fieldset>
  )
}
