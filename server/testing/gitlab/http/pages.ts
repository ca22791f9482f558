import type { Answer } from "./answer.ts"
import type { Call } from "./router.ts"
import { numberOf, textOf } from "./values.ts"
import { badParameter } from "./answer.ts"

export interface PageOptions {
  /** Commits have no total. */
  total?: boolean
}

/** Cuts out the page that was asked for, with GitLab's headers. */
export function page<Row>(
  call: Call,
  rows: readonly Row[],
  view: (row: Row) => unknown,
  options: PageOptions = {},
): Answer {
  const perPage = Math.min(Math.max(numberOf(call, "per_page") ?? 20, 1), 100)
  const at = Math.max(numberOf(call, "page") ?? 1, 1)
  const pages = Math.max(Math.ceil(rows.length / perPage), 1)
  const link = (to: number, rel: string) =>
    `<${address(call, { page: String(to), per_page: String(perPage) })}>; rel="${rel}"`
  const links = [
    ...(at > 1 ? [link(at - 1, "prev")] : []),
    ...(at < pages ? [link(at + 1, "next")] : []),
    link(1, "first"),
    ...(options.total === false ? [] : [link(pages, "last")]),
  ]
  return {
    status: 200,
    headers: {
      "x-page": String(at),
      "x-per-page": String(perPage),
      "x-next-page": at < pages ? String(at + 1) : "",
      "x-prev-page": at > 1 ? String(at - 1) : "",
      link: links.join(", "),
      ...(options.total === false || rows.length > 10_000
        ? {}
        : { "x-total": String(rows.length), "x-total-pages": String(pages) }),
    },
    body: rows.slice((at - 1) * perPage, at * perPage).map(view),
  }
}

/** Pages that begin after a row's id; only `order_by=id` can. */
export function keysetPage<Row extends { id: number }>(
  call: Call,
  rows: readonly Row[],
  view: (row: Row) => unknown,
): Answer {
  if ((textOf(call, "order_by") ?? "created_at") !== "id") {
    throw badParameter("pagination: keyset needs order_by=id")
  }
  const up = textOf(call, "sort") === "asc"
  const perPage = Math.min(Math.max(numberOf(call, "per_page") ?? 20, 1), 100)
  const sorted = [...rows].sort((a, b) => (up ? a.id - b.id : b.id - a.id))
  const part = sorted.slice(0, perPage)
  const last = part.at(-1)
  const next = address(call, { [up ? "id_after" : "id_before"]: String(last?.id ?? 0) })
  return {
    status: 200,
    headers: sorted.length > perPage ? { link: `<${next}>; rel="next"` } : {},
    body: part.map(view),
  }
}

function address(call: Call, change: Record<string, string>): string {
  const search = new URLSearchParams(call.search)
  for (const [name, value] of Object.entries(change)) search.set(name, value)
  return `${call.world.url}/api/v4${call.path}?${search}`
}
