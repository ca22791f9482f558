import { describe, expect, test } from "bun:test"
import { withScript } from "./inject.ts"
import { scriptPlace } from "./script-place.ts"

const tag = '<script src="/__gochat/preview.js"></script>'

async function withScriptText(...pieces: (string | Uint8Array)[]): Promise<string> {
  const encoder = new TextEncoder()
  const html = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece)
      controller.close()
    },
  })
  return new Response(withScript(html)).text()
}

describe("our script in a page", () => {
  // `^` is where it goes.
  test.each([
    "<!doctype html><html><head>^<title>x</title></head><body>hello</body></html>",
    '<!DOCTYPE html>\n<!-- <head> -->\n<html lang="en" data-x="a>b">\n  <HEAD id=x>^\n<script>1</script>',
    "<!doctype html><html>^<body><header>x</header></body></html>",
    "<html><header>x".replace("<header>", "^<header>"),
    "^hello",
    "<!doctype html>^<p>äöü 🙂</p>",
    "\ufeff<!doctype html><head>^<title>ü</title>",
    "<!doctype html>^",
    "<head^",
  ])("%s", async (text) => {
    const page = text.replace("^", "")
    const expected = text.replace("^", tag)
    const bytes = new TextEncoder().encode(page)
    expect(await withScriptText(page)).toBe(expected.replace("\ufeff", ""))
    const single = Array.from(bytes, (byte) => new Uint8Array([byte]))
    if (bytes.length <= 100) expect(await withScriptText(...single)).toBe(expected.replace("\ufeff", ""))
  })

  test("not into pages in two bytes a letter, nor after a very long beginning", async () => {
    const wide = new Uint8Array([0xff, 0xfe, 0x3c, 0, 0x70, 0, 0x3e, 0])
    const html = new ReadableStream<Uint8Array>({ start: (to) => (to.enqueue(wide), to.close()) })
    expect(new Uint8Array(await new Response(withScript(html)).arrayBuffer())).toEqual(wide)
    const long = `<!--${"x".repeat(20_000)}`
    expect(await withScriptText(long, "--><head>")).toBe(`${long}--><head>`)
  })

  test("is found without going over the same text again and again", () => {
    const began = performance.now()
    for (const text of [
      `<!--${"-".repeat(16_000)}`,
      `<html ${'a="'.repeat(5_000)}`,
      `<!doctype ${"<".repeat(16_000)}`,
      " \n".repeat(8_000),
    ]) {
      expect(scriptPlace(text)).toBeNull()
    }
    expect(performance.now() - began).toBeLessThan(200)
  })
})
