import { load, save } from "./store.js"

// A first sign of life: counts the visits, to show that data stays.
const visits = (await load("visits", 0)) + 1
await save("visits", visits)

document.querySelector("#state").textContent = visits === 1 ? "Ready" : `Ready · opened ${visits} times`
