/** Numbers from 0 to 1 that are always the same for one seed. */
function* numbers(seed: string): Generator<number, never> {
  let state = Array.from(seed).reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0, 7)
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

/** A small drawn window in place of a screenshot, different for each project. */
export function CardPicture({ seed, empty }: { seed: string; empty: boolean }) {
  const random = numbers(seed)
  const next = (from: number, to: number): number => from + random.next().value * (to - from)
  const kind = Math.floor(next(0, 3))
  const rows = Array.from({ length: 3 + Math.floor(next(0, 2)) }, () => next(48, 92))
  return (
    <div aria-hidden className="aspect-[16/9.4] border-b border-line bg-sunken px-5 pt-4.5">
      <div className="grid h-full content-start gap-[7px] rounded-t-md border border-b-0 border-line bg-surface p-3">
        {empty ? (
          <div className="h-[11px] w-1/4 rounded-full bg-line" />
        ) : (
          <>
            <div className="h-[11px] rounded-full bg-accent opacity-75" style={{ width: `${next(22, 46)}%` }} />
            {kind === 1 ? (
              <div className="my-1 grid grid-cols-3 gap-2">
                {[0, 1, 2].map((n) => (
                  <div key={n} className="grid gap-1.5 rounded-sm border border-line p-2">
                    <div className="h-1.5 w-2/3 rounded-full bg-line" />
                    <div className="h-3 w-1/2 rounded-full bg-line-strong" />
                  </div>
                ))}
              </div>
            ) : null}
            {kind === 2 ? <div className="my-1 h-9 rounded-sm bg-accent-soft" /> : null}
            {rows.map((width, index) => (
              <div key={index} className="flex items-center gap-2">
                {kind === 0 ? null : <div className="size-2 rounded-full bg-line-strong" />}
                <div className="h-2 rounded-full bg-line" style={{ width: `${width}%` }} />
              </div>
            ))}
          </>
        )}
      </div>
    </div>
  )
}
