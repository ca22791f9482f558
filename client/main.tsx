import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./app/app.tsx"
import { moveToPublicAddress } from "./lib/public-address.ts"
import { reloadWhenStale } from "./lib/stale-page.ts"

const root = document.getElementById("root")
if (root === null) throw new Error("the page has no root")
void moveToPublicAddress()
reloadWhenStale()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
