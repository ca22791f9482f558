import { addAddress, countWords, readAddress } from "./logic.js"
import { load, update } from "./store.js"

const byId = (id) => document.getElementById(id)
const field = byId("email")

function say(words, problem = false) {
  byId("answer").textContent = words
  byId("answer").classList.toggle("problem", problem)
  field.toggleAttribute("aria-invalid", problem)
  if (problem) field.focus()
}

byId("form").addEventListener("submit", async (event) => {
  event.preventDefault()
  const address = readAddress(field.value)
  if (address === null) return say("Please give an e-mail such as ida@example.com.", true)
  byId("submit").disabled = true
  say("One moment…")
  try {
    const day = new Date().toISOString().slice(0, 10)
    const list = await update("sign-ups", [], (newest) => addAddress(newest, address, day))
    byId("count").textContent = countWords(list.length)
    field.value = ""
    say("Thank you. You are on the list, and your first loaf is on us.")
  } catch {
    say("That could not be saved. Please try again in a moment.", true)
  }
  byId("submit").disabled = false
})

// The page is fine without the count, so it may fail in silence.
load("sign-ups", [])
  .then((list) => (byId("count").textContent = countWords(list.length)))
  .catch(() => {})
