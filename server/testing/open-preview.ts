interface PreviewRequest {
  method?: string
  body?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/**
 * Asks a server on this machine for an address of a preview, the way a browser resolves it: any `*.localhost` is this
 * machine. Redirects are answers.
 */
export function openPreview(port: number, address: string | null, init: PreviewRequest = {}): Promise<Response> {
  const url = new URL(address ?? "")
  return fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
    redirect: "manual",
    ...init,
    headers: { host: url.host, ...init.headers },
  })
}
