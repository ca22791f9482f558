import { drawHistory } from "./chart.js"
import { categories, entriesOf, historyOf, money, monthOf, monthWords } from "./logic.js"
import { readEntry, sampleEntries, shiftMonth, spendingOf, totalsOf } from "./logic.js"
import { createSaver } from "./saving.js"
import { load } from "./store.js"

const byId = (id) => document.getElementById(id)
const form = byId("form")
const two = (number) => String(number).padStart(2, "0")
const now = new Date()
const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`

let entries = []
let month = monthOf(today)
let editing = null
let removed = null
let toastTimer

const save = createSaver("entries", (state) => {
  const text = { saving: "Saving…", saved: "Saved", failed: "Could not be saved. Trying again…" }
  byId("saving").textContent = text[state]
  byId("saving").classList.toggle("bad", state === "failed")
})

function update(next) {
  entries = next
  save(entries)
  render()
}

function render() {
  const focused = document.activeElement?.id
  const shown = entriesOf(entries, month)
  const { income, spent, left } = totalsOf(shown)
  byId("month").textContent = monthWords(month)
  byId("income").textContent = money(income)
  byId("spent").textContent = money(spent)
  byId("left").textContent = money(left)
  byId("left").classList.toggle("bad", left < 0)
  byId("entries").replaceChildren(...shown.map(entryItem))
  byId("empty").hidden = shown.length > 0
  byId("spending").replaceChildren(...spendingOf(shown).map(spendingItem))
  drawHistory(byId("chart"), historyOf(entries, month))
  if (focused) byId(focused)?.focus()
}

function entryItem(entry) {
  const item = byId("entry").content.cloneNode(true).firstElementChild
  const find = (selector) => item.querySelector(selector)
  const [edit, remove] = [find(".edit"), find(".remove")]
  find(".day").textContent = `${Number(entry.day.slice(8))} ${monthWords(monthOf(entry.day), { month: "short" })}`
  find("strong").textContent = entry.what
  find("span").textContent = entry.what === entry.category ? "" : entry.category
  find(".cents").textContent = entry.kind === "income" ? `+${money(entry.cents)}` : money(entry.cents)
  item.dataset.kind = entry.kind
  edit.id = `edit-${entry.id}`
  edit.setAttribute("aria-label", `Edit ${entry.what}`)
  edit.addEventListener("click", () => openForm(entry))
  remove.id = `remove-${entry.id}`
  remove.setAttribute("aria-label", `Remove ${entry.what}`)
  remove.addEventListener("click", () => removeEntry(entry))
  return item
}

function spendingItem({ category, cents, share }) {
  const item = document.createElement("li")
  const [name, sum, bar] = ["span", "span", "i"].map((tag) => document.createElement(tag))
  name.textContent = category
  sum.textContent = `${money(cents)} · ${Math.round(share * 100)} %`
  sum.className = "muted"
  bar.style.setProperty("--share", share)
  item.append(name, sum, bar)
  return item
}

function fillCategories(chosen) {
  const names = categories[form.elements.kind.value]
  form.elements.category.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)))
}

/** Fills the form with an entry to change, or empties it for a new one. */
function openForm(entry) {
  editing = entry
  form.elements.kind.value = entry?.kind ?? "expense"
  fillCategories(entry?.category)
  form.elements.amount.value = entry ? (entry.cents / 100).toFixed(2) : ""
  form.elements.what.value = entry?.what ?? ""
  form.elements.day.value = entry?.day ?? (monthOf(today) === month ? today : `${month}-01`)
  byId("submit").textContent = entry ? "Save" : "Add"
  byId("cancel").hidden = !entry
  showProblem("")
  if (entry) form.elements.amount.focus()
}

function showProblem(words, field) {
  byId("problem").textContent = words
  for (const input of form.querySelectorAll("input")) input.toggleAttribute("aria-invalid", input.name === field)
  if (field) form.elements[field].focus()
}

function removeEntry(entry) {
  removed = entry
  if (editing?.id === entry.id) openForm(null)
  update(entries.filter((other) => other.id !== entry.id))
  byId("toast-text").textContent = `${entry.what} removed`
  byId("toast").hidden = false
  byId("undo").focus()
  clearTimeout(toastTimer)
  toastTimer = setTimeout(() => (byId("toast").hidden = true), 8000)
}

form.addEventListener("submit", (event) => {
  event.preventDefault()
  const { entry, problem, field } = readEntry(Object.fromEntries(new FormData(form)))
  if (problem) return showProblem(problem, field)
  const saved = { id: editing?.id ?? crypto.randomUUID(), ...entry }
  month = monthOf(entry.day)
  const others = entries.filter((other) => other.id !== saved.id)
  openForm(null)
  form.elements.day.value = entry.day
  update([...others, saved])
  form.elements.amount.focus()
})
form.addEventListener("change", (event) => {
  if (event.target.name === "kind") fillCategories()
})
byId("cancel").addEventListener("click", () => openForm(null))
byId("undo").addEventListener("click", () => {
  byId("toast").hidden = true
  update([...entries, removed])
  form.elements.amount.focus()
})
for (const [id, count] of [["previous", -1], ["next", 1]]) {
  byId(id).addEventListener("click", () => {
    month = shiftMonth(month, count)
    if (!editing) openForm(null)
    render()
  })
}

async function start() {
  try {
    const saved = await load("entries")
    entries = saved ?? sampleEntries(month)
    byId("saving").textContent = ""
    render()
    if (saved === null) save(entries)
  } catch {
    byId("saving").textContent = "Your budget could not be loaded. Trying again…"
    setTimeout(start, 3000)
  }
}

openForm(null)
void start()
