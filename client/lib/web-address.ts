/** An address that a browser may follow: http or https, nothing else. */
export function webAddress(address: string | null | undefined): string | null {
  if (address === null || address === undefined || !URL.canParse(address)) return null
  return ["http:", "https:"].includes(new URL(address).protocol) ? address : null
}
