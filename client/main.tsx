import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./app/app.tsx"
import { moveToPublicAddress } from "./lib/public-address.ts"

const root = document.getElementById("root")
if (root === null) throw new Error("the page has no root")
void moveToPublicAddress()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
