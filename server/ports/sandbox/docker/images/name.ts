/** A name of an image, taken apart: `registry.example.com:5000/team/app:1.2` or `python@sha256:…`. */
export interface ImageName {
  /** Where it comes from; `docker.io` when the name does not say. */
  domain: string
  path: string
  tag: string
  /** Says more than a tag; null mostly. */
  digest: string | null
}

const longestName = 255
const domainPattern =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d{1,5})?$/
const componentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^sha256:[0-9a-f]{64}$/

/** Reads a name by the grammar that engines and registries share; null when it is none. */
export function parseImageName(text: string): ImageName | null {
  if (text.length > longestName + 200 || /^(sha256:)?[0-9a-f]{64}$/.test(text)) return null
  const [named = "", digest = null, ...more] = text.split("@")
  if (more.length > 0 || (digest !== null && !digestPattern.test(digest))) return null
  const colon = named.lastIndexOf(":")
  const tagged = colon > named.lastIndexOf("/")
  const tag = tagged ? named.slice(colon + 1) : "latest"
  const [first = "", ...rest] = (tagged ? named.slice(0, colon) : named).split("/")
  const hasDomain = rest.length > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase())
  const domain = hasDomain ? first : "docker.io"
  const components = hasDomain ? rest : [first, ...rest]
  if (!tagPattern.test(tag) || !domainPattern.test(domain)) return null
  if (!components.every((component) => componentPattern.test(component))) return null
  const path = components.join("/")
  if (domain.length + path.length >= longestName) return null
  const official = (domain === "docker.io" || domain === "index.docker.io") && components.length === 1
  return {
    domain: domain === "index.docker.io" ? "docker.io" : domain,
    path: official ? `library/${path}` : path,
    tag,
    digest,
  }
}

/** The name in full, the same for all spellings of it. */
export const fullName = ({ domain, path, tag, digest }: ImageName): string =>
  digest === null ? `${domain}/${path}:${tag}` : `${domain}/${path}@${digest}`
