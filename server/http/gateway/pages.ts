/** A page of ours on a preview host, in place of an app that cannot answer. */
export interface Page {
  status: number
  title: string
  words: string
  /** Seconds until the page looks again by itself; null = it does not. */
  again?: number
  link?: { href: string; words: string; inTab?: boolean }
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character)

/** Self-contained, no script: it reloads by itself through `refresh`. */
export function pageResponse({ status, title, words, again, link }: Page): Response {
  const ways: string[] = []
  // An app that failed is asked again; what comes back by itself needs no button for it.
  if (status >= 500 && again === undefined) ways.push('<a href="">Try again</a>')
  if (link !== undefined) {
    const where = link.inTab === true ? "_blank" : "_top"
    ways.push(`<a href="${escape(link.href)}" target="${where}">${escape(link.words)}</a>`)
  }
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>${again === undefined ? "" : `<meta http-equiv="refresh" content="${again}">`}
<style>
:root { color-scheme: light dark; --bg: #f8f6f2; --card: #fff; --line: #e4dfd7; --text: #1d1a17; --muted: #6a635b; --accent: #0b6b61; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --bg: #161412; --card: #1e1b18; --line: #322d28; --text: #f2ede6; --muted: #b0a79c; --accent: #4fc3b3; --on: #06211d; } }
* { box-sizing: border-box; margin: 0 }
body { min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--bg); color: var(--text); font: 15px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif }
main { max-width: 460px; width: 100%; padding: 32px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; text-align: center }
h1 { font-size: 18px; line-height: 1.35; margin-bottom: 8px; text-wrap: balance } p { color: var(--muted); overflow-wrap: anywhere; white-space: pre-line; text-wrap: balance }
nav { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-top: 20px }
a { display: inline-flex; align-items: center; min-height: 44px; padding: 8px 16px; border: 1px solid var(--line); border-radius: 8px; color: inherit; text-decoration: none; font-weight: 600 }
a:first-child { border-color: transparent; background: var(--accent); color: var(--on) } a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.bar { height: 3px; margin: 22px auto 0; width: 96px; border-radius: 2px; background: var(--line); overflow: hidden } .bar::after { content: ""; display: block; height: 100%; width: 40%; background: var(--accent); animation: slide 1.2s ease-in-out infinite alternate }
@keyframes slide { to { transform: translateX(150%) } } @media (prefers-reduced-motion: reduce) { .bar::after { animation: none; width: 100% } }
</style></head><body><main role="status"><h1>${escape(title)}</h1><p>${escape(words)}</p>${again === undefined ? "" : '<div class="bar"></div>'}${
    ways.length === 0 ? "" : `<nav>${ways.join("")}</nav>`
  }</main></body></html>`
  return new Response(html, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      ...(again === undefined ? {} : { "retry-after": String(again) }),
    },
  })
}

/** The same for what does not exist and for what is somebody else's. */
export function notHere(): Response {
  return pageResponse({
    status: 404,
    title: "There is no app at this address",
    words: "Check the address, or ask the person who gave it to you.",
  })
}

export function notLive(): Response {
  return pageResponse({
    status: 404,
    title: "Nothing is live here yet",
    words: "As soon as a version has passed its checks it can be seen at this address.",
  })
}

export function startingPage(): Response {
  return pageResponse({ status: 503, title: "Starting your app…", words: "This page opens it by itself.", again: 2 })
}

/** `asked` is the way in: who signs in comes back to it. */
export function signedOutPage(publicUrl: string, asked: URL): Response {
  return pageResponse({
    status: 401,
    title: "Sign in to open this app",
    words: "It is only for its members.",
    link: {
      href: `${publicUrl}/sign-in?${new URLSearchParams({ to: asked.pathname + asked.search })}`,
      words: "Sign in",
    },
  })
}

/** A live address is no secret; that it is not for everybody may be said. */
export function membersOnlyPage(publicUrl: string): Response {
  return pageResponse({
    status: 403,
    title: "This app is only for its members",
    words: "Ask the person who gave you the address, or sign in with another account.",
    link: { href: publicUrl, words: "Open Go Chat" },
  })
}

/** Some browsers keep nothing for a frame of another site. */
export function passNotKeptPage(to: string): Response {
  return pageResponse({
    status: 403,
    title: "Your browser does not let you in here",
    words: "It keeps no cookies for a page that is shown inside another one. In a tab of its own the app works.",
    link: { href: to, words: "Open in a new tab", inTab: true },
  })
}
