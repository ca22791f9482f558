import type { Services } from "../../context.ts"
import { isUniqueViolation } from "../../failure.ts"
import { cleanText } from "../../lib/clean-text.ts"
import type { EventTx } from "../event/append.ts"
import { projectChanged } from "./changed.ts"
import { findProject, lockStream, setSlug, updateProjectRow } from "./store.ts"
import { transliterate } from "./transliterate.ts"

const maxChars = 40
const suffixChars = 4
/** Names of hosts that are, or may become, something else. */
const reserved = new Set(["draft", "live", "version", "preview", "www", "api", "admin", "mail", "static", "localhost"])

/**
 * A part of a host name out of any title: a–z, 0–9 and single hyphens, at most 40 characters, never empty, never a
 * reserved name. (No `--` also means never `xn--`.)
 */
export function slugOf(title: string): string {
  const words = transliterate(title)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
  const slug = cut(trimHyphens(words), maxChars)
  if (slug === "") return "app"
  return reserved.has(slug) ? `${slug}-app` : slug
}

/**
 * Names a project for the first time: the title, if nobody gave one yet, and the slug, if there is none. Both stay
 * when they are there.
 */
export async function nameProject(
  ctx: Pick<Services, "config">,
  tx: EventTx,
  projectId: string,
  title: string,
): Promise<void> {
  await lockStream(tx, projectId)
  const project = await findProject(tx, projectId)
  if (project === null || (project.titled && project.slug !== null)) return
  const name = project.titled ? project.title : cleanText(title).trim().slice(0, 300)
  if (name === "") return
  if (!project.titled) await updateProjectRow(tx, projectId, { title: name, titled: true, updatedAt: new Date() })
  if (project.slug === null) await takeSlug(tx, projectId, slugOf(name))
  await projectChanged(ctx, tx, projectId)
}

/** Takes the wanted slug, or one with a random end when another project has it. */
export async function takeSlug(tx: EventTx, projectId: string, wanted: string): Promise<void> {
  for (let slug = wanted; ; slug = `${cut(wanted, maxChars - suffixChars - 1)}-${randomSuffix()}`) {
    try {
      // A savepoint: the refusal of a name must not end the whole transaction.
      await tx.transaction((inner) => setSlug(inner, projectId, slug))
      return
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
  }
}

function randomSuffix(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789"
  return Array.from(crypto.getRandomValues(new Uint8Array(suffixChars)), (byte) => letters[byte % letters.length]).join(
    "",
  )
}

/** At most `max` characters, at the end of a word when that leaves at least half. */
function cut(slug: string, max: number): string {
  if (slug.length <= max) return slug
  const end = slug.lastIndexOf("-", max)
  return trimHyphens(slug.slice(0, end >= max / 2 ? end : max))
}

function trimHyphens(text: string): string {
  return text.replaceAll(/^-+|-+$/g, "")
}
