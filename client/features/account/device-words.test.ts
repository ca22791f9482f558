import { expect, test } from "bun:test"
import { deviceWords } from "./device-words.ts"

test("a session says from what it came, as far as it can be known", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
  const iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1"
  expect(deviceWords(chrome)).toBe("Chrome on Linux")
  expect(deviceWords(`${chrome} Edg/140.0.0.0`)).toBe("Edge on Linux")
  expect(deviceWords(iphone)).toBe("Safari on iOS")
  expect(deviceWords("curl/8.5")).toBe("A program or unknown browser")
  expect(deviceWords(null)).toBe("A program or unknown browser")
})
