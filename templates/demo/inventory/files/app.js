import { changeStock, needsReorder, putPart, readPart, sampleParts, statusOf, summaryOf, visibleParts } from "./logic.js"
import { createSaver } from "./saving.js"
import { load } from "./store.js"

const words = { fine: "fine", low: "runs low", out: "none left" }
const byId = (id) => document.getElementById(id)
const rows = byId("rows")
const editor = byId("editor")
const form = byId("form")

let parts = []
const view = { show: "all" }
let editing = null
let removed = null
let toastTimer

const save = createSaver("parts", (state) => {
  const text = { saving: "Saving…", saved: "Saved", failed: "Could not be saved. Trying again…" }
  byId("saving").textContent = text[state]
  byId("saving").classList.toggle("bad", state === "failed")
})

function update(next) {
  parts = next
  save(parts)
  render()
}

function render() {
  const focused = document.activeElement?.id
  const visible = visibleParts(parts, view)
  rows.replaceChildren(...visible.map(rowOf))
  byId("table").hidden = visible.length === 0
  byId("empty").hidden = visible.length > 0
  byId("empty").textContent = emptyWords()
  byId("summary").textContent = summaryOf(parts)
  document.querySelector('[data-count="all"]').textContent = parts.length
  document.querySelector('[data-count="low"]').textContent = parts.filter(needsReorder).length
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === view.show))
  }
  if (focused) byId(focused)?.focus()
}

function emptyWords() {
  if (parts.length === 0) return "Nothing here yet. Add your first part."
  return "Nothing to reorder. Everything is well stocked."
}

function rowOf(part) {
  const row = byId("row").content.cloneNode(true).firstElementChild
  const find = (selector) => row.querySelector(selector)
  const status = statusOf(part)
  row.dataset.status = status
  find(".part").textContent = part.name
  find(".supplier").textContent = part.supplier || "–"
  find(".stock").textContent = part.stock
  find(".reorder").textContent = part.reorderAt
  find(".chip").textContent = words[status]
  find(".chip").dataset.status = status
  bind(find(".less"), `less-${part.id}`, `One ${part.name} less`, () => update(changeStock(parts, part.id, -1)))
  bind(find(".more"), `more-${part.id}`, `One ${part.name} more`, () => update(changeStock(parts, part.id, 1)))
  bind(find(".edit"), `edit-${part.id}`, `Edit ${part.name}`, () => openEditor(part))
  bind(find(".remove"), `remove-${part.id}`, `Remove ${part.name}`, () => remove(part))
  find(".less").disabled = part.stock === 0
  return row
}

function bind(button, id, label, onClick) {
  button.id = id
  button.setAttribute("aria-label", label)
  button.addEventListener("click", onClick)
}

function openEditor(part) {
  editing = part
  byId("editor-title").textContent = part ? "Edit part" : "Add a part"
  byId("problem").textContent = ""
  for (const field of ["name", "supplier", "stock", "reorderAt"]) {
    form.elements[field].value = part ? part[field] : ""
    form.elements[field].removeAttribute("aria-invalid")
  }
  editor.showModal()
  form.elements.name.focus()
}

function submit(event) {
  event.preventDefault()
  const result = readPart(Object.fromEntries(new FormData(form)))
  if (result.problem) {
    for (const input of form.querySelectorAll("input")) input.removeAttribute("aria-invalid")
    byId("problem").textContent = result.problem
    form.elements[result.field].setAttribute("aria-invalid", "true")
    form.elements[result.field].focus()
    return
  }
  editor.close()
  update(putPart(parts, { id: editing?.id ?? crypto.randomUUID(), ...result.part }))
}

function remove(part) {
  removed = part
  update(parts.filter((other) => other.id !== part.id))
  byId("toast-text").textContent = `${part.name} removed`
  byId("toast").hidden = false
  byId("undo").focus()
  clearTimeout(toastTimer)
  toastTimer = setTimeout(hideToast, 8000)
}

function hideToast() {
  if (document.activeElement === byId("undo")) byId("add").focus()
  byId("toast").hidden = true
}

byId("add").addEventListener("click", () => openEditor(null))
byId("cancel").addEventListener("click", () => editor.close())
form.addEventListener("submit", submit)
byId("undo").addEventListener("click", () => {
  update(putPart(parts, removed))
  hideToast()
})
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    view.show = button.dataset.show
    render()
  })
}

async function start() {
  try {
    const saved = await load("parts")
    parts = saved ?? sampleParts
    render()
    if (saved === null) save(parts)
  } catch {
    byId("summary").textContent = "Your parts could not be loaded. Trying again…"
    setTimeout(start, 3000)
  }
}

void start()
