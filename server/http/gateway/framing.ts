/**
 * What only members see may be framed by the app's own page (the preview) and by itself, and by nobody else: with the
 * pass, a page of another app on the same site could put it under its own buttons. An app that wants to be framed by
 * nobody could not be previewed at all, so here, and only here, its own word about that does not count. A public live
 * app is the app's own: what it says stands, and when it says nothing, everybody may frame it.
 */
export function forMembers(headers: Headers, publicUrl: string): void {
  headers.delete("x-frame-options")
  const policy = withoutAncestors(headers.get("content-security-policy") ?? "")
  headers.delete("content-security-policy")
  if (policy !== "") headers.append("content-security-policy", policy)
  // A second policy can only narrow the app's own.
  headers.append("content-security-policy", `frame-ancestors 'self' ${publicUrl}`)
  headers.set("cache-control", ofOnePerson(headers.get("cache-control") ?? ""))
}

/** Several policies are divided by commas, their directives by semicolons. */
function withoutAncestors(policies: string): string {
  return policies
    .split(",")
    .map((policy) =>
      policy
        .split(";")
        .filter((directive) => !/^\s*frame-ancestors(\s|$)/i.test(directive))
        .join(";")
        .trim(),
    )
    .filter((policy) => policy !== "")
    .join(", ")
}

/** A cache in front of the server must not give to everybody what one member was shown. */
function ofOnePerson(control: string): string {
  const kept = control
    .split(",")
    .map((directive) => directive.trim())
    .filter((directive) => directive !== "" && !/^(public|private|s-maxage\s*=.*)$/i.test(directive))
  return ["private", ...kept].join(", ")
}
