import type { Config } from "../../config.ts"

/** Pages that may change something with the browser's cookie. Previews are the same site, so SameSite cannot tell. */
export function trustedOrigins(config: Config): string[] {
  return [
    new URL(config.publicUrl).origin,
    `http://localhost:${config.port}`,
    `http://127.0.0.1:${config.port}`,
    ...config.corsOrigins,
  ]
}
