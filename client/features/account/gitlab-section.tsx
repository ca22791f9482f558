import { CircleCheck, TriangleAlert } from "lucide-react"
import type { ReactNode } from "react"
import { cx } from "../../lib/cx.ts"
import { errorLine } from "../../lib/error-text.ts"
import { relativeTime } from "../../lib/relative-time.ts"
import { strings } from "../../lib/strings.ts"
import { queries, trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"
import { Skeleton } from "../../ui/skeleton.tsx"
import { WebLink } from "../../ui/web-link.tsx"
import { Section } from "./section.tsx"

const t = strings.forge.admin

/** For who runs the server: where projects are kept, and what is wrong with that. */
export function GitLabSection() {
  const admin = trpc.account.get.useQuery().data?.role === "admin"
  const gitlab = trpc.system.info.useQuery().data?.forge === "gitlab"
  return admin && gitlab ? <GitLab /> : null
}

function GitLab() {
  const known = trpc.admin.forge.useQuery()
  const check = trpc.admin.checkForge.useMutation({
    onError: (error) => notify(errorLine(error), "bad"),
    onSettled: () => void queries.admin.forge.invalidate(),
  })
  const setup = known.data
  return (
    <Section id="gitlab" title={t.title} text={t.text}>
      {known.isError ? <p className="text-sm text-bad">{errorLine(known.error)}</p> : null}
      {known.isPending ? <Skeleton className="h-20" /> : null}
      {setup == null ? null : (
        <>
          <dl className="grid gap-1.5">
            <Fact name={t.address}>
              <WebLink
                href={setup.url}
                className="inline-flex items-center gap-1.5 text-accent underline underline-offset-3 phone:-my-2.5 phone:min-h-11"
              >
                {setup.url}
              </WebLink>
            </Fact>
            <Fact name={t.group}>{setup.group}</Fact>
            <Fact name={t.version}>{setup.version ?? t.versionUnknown}</Fact>
          </dl>
          <Findings words={t.problems} found={setup.problems} className="bg-bad-soft text-bad" />
          <Findings words={t.warnings} found={setup.warnings} className="bg-warn-soft text-warn" />
          {setup.checkedAt !== null && setup.problems.length + setup.warnings.length === 0 ? (
            <p className="flex items-center gap-2 text-sm text-good">
              <CircleCheck className="icon" aria-hidden />
              {t.fine}
            </p>
          ) : null}
          <div className="flex flex-wrap items-center gap-3">
            <Button small busy={check.isPending} onClick={() => check.mutate()}>
              {setup.checkedAt === null ? t.now : t.again}
            </Button>
            <p role="status" className="text-sm text-muted">
              {setup.checkedAt === null ? t.never : t.checked(relativeTime(setup.checkedAt))}
            </p>
          </div>
        </>
      )}
    </Section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-4">
      <dt className="w-36 text-muted">{name}</dt>
      <dd className="min-w-0 flex-1 basis-48">{children}</dd>
    </div>
  )
}

/** What is wrong, each with what to do about it. */
function Findings({ words, found, className }: { words: string; found: readonly string[]; className: string }) {
  if (found.length === 0) return null
  return (
    <div className={cx("grid gap-1.5 rounded-lg px-3.5 py-2.5 text-sm", className)}>
      <p className="flex items-center gap-2 font-semibold">
        <TriangleAlert className="icon mt-0.5 self-start" aria-hidden />
        {words}
      </p>
      <ul className="grid list-disc gap-1 ps-6">
        {found.map((finding) => (
          <li key={finding}>{finding}</li>
        ))}
      </ul>
    </div>
  )
}
