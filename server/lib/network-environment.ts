const kept = ["https_proxy", "http_proxy", "all_proxy", "no_proxy"]

/**
 * What of the server's environment git may know when it calls the forge: the proxies (either spelling) and which
 * certificates to trust (`GIT_SSL_CAINFO`, else `SSL_CERT_FILE`; `GIT_SSL_CAPATH`, else `SSL_CERT_DIR`). Nothing else
 * passes: above all nothing that switches checks off, traces, asks a person or names a program to run.
 */
export function networkEnvironment(env: Record<string, string | undefined>): Record<string, string> {
  const wanted: Record<string, string | undefined> = {
    ...Object.fromEntries(kept.map((name) => [name, env[name] ?? env[name.toUpperCase()]])),
    GIT_SSL_CAINFO: env["GIT_SSL_CAINFO"] ?? env["SSL_CERT_FILE"],
    GIT_SSL_CAPATH: env["GIT_SSL_CAPATH"] ?? env["SSL_CERT_DIR"],
  }
  return Object.fromEntries(Object.entries(wanted).filter((entry): entry is [string, string] => Boolean(entry[1])))
}
