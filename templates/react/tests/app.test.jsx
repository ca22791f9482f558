import { expect, test } from "bun:test"
import { renderToString } from "react-dom/server"
import { App } from "../src/app.jsx"

test("the app shows its first screen", () => {
  expect(renderToString(<App />)).toContain("<h1")
})
