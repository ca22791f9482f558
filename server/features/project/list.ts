import { z } from "zod"
import type { Project, projectListInput } from "../../../shared/project.ts"
import { AppError } from "../../app-error.ts"
import type { Ctx } from "../../context.ts"
import { cleanText } from "../../lib/clean-text.ts"
import { type ListPlace, listProjectIds } from "./store.ts"
import { projectViews } from "./view.ts"

const place = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/), z.guid()])

/** This person's projects, last changed first, a page at a time. */
export async function listProjects(
  ctx: Ctx,
  input: z.infer<typeof projectListInput>,
): Promise<{ projects: Project[]; nextCursor: string | null }> {
  const { actor, db, config } = ctx
  if (actor.type === "system") throw new AppError("forbidden")
  const query = cleanText(input.query ?? "").trim()
  const found = await listProjectIds(db, actor.userId, {
    after: input.cursor === undefined ? null : readCursor(input.cursor),
    query: query === "" ? null : query,
    limit: input.limit + 1,
  })
  const page = found.slice(0, input.limit)
  const last = page.at(-1)
  return {
    projects: await projectViews(
      db,
      config,
      page.map(({ id }) => id),
    ),
    nextCursor: found.length > page.length && last !== undefined ? writeCursor(last) : null,
  }
}

function writeCursor({ at, id }: ListPlace): string {
  return Buffer.from(JSON.stringify([at, id])).toString("base64url")
}

function readCursor(cursor: string): ListPlace {
  try {
    const [at, id] = place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()))
    return { at, id }
  } catch {
    throw new AppError("bad_input", "cursor: take it from nextCursor of the page before")
  }
}
