import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Skeleton } from "../../ui/skeleton.tsx"
import { Section } from "./section.tsx"

const t = strings.settings

/** Which model answers, how to give it a key, and what else this server is made of. */
export function ModelSection() {
  const info = trpc.system.info.useQuery()
  if (info.data === undefined) {
    return (
      <Section id="model" title={t.model}>
        <Skeleton className="h-16" />
      </Section>
    )
  }
  const { demo, demoScenes, model, models, version, forge, sandbox, limits } = info.data
  const facts: [string, string][] = [
    [t.version, version],
    [t.checks, forge === "local" && sandbox.mode === "docker" ? t.checksInContainers : t.forge[forge]],
    [t.sandbox, t.isolation[sandbox.isolation]],
    [t.limits, t.limitText(limits.projects, limits.containers)],
  ]
  return (
    <>
      <Section
        id="model"
        title={t.model}
        text={demo ? t.modelDemo : t.modelReal(models.find((known) => known.id === model)?.name ?? model)}
      >
        {demo ? (
          <>
            <div className="grid gap-2">
              <p className="text-muted">{t.modelDemoHow}</p>
              <pre
                tabIndex={0}
                className="overflow-x-auto rounded-md border border-line bg-sunken px-3 py-2 font-mono text-sm"
              >
                {t.modelDemoLine}
              </pre>
            </div>
            {demoScenes.length === 0 ? null : (
              <div className="grid gap-1">
                <h3 className="text-sm font-semibold">{t.sceneTitle}</h3>
                <p className="text-muted">{demoScenes.join(" · ")}</p>
              </div>
            )}
          </>
        ) : null}
      </Section>
      <Section title={t.server}>
        <dl className="grid gap-1.5">
          {facts.map(([name, value]) => (
            <div key={name} className="flex flex-wrap gap-x-4">
              <dt className="w-36 text-muted">{name}</dt>
              <dd className="min-w-0 flex-1 basis-48">{value}</dd>
            </div>
          ))}
        </dl>
        {sandbox.warning === null ? null : (
          <p className="rounded-lg bg-warn-soft px-3.5 py-2.5 text-sm text-warn">{sandbox.warning}</p>
        )}
      </Section>
    </>
  )
}
