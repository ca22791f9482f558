const words = { fine: "fine", low: "runs low", out: "none left" }
const byId = (id) => document.getElementById(id)
const editor = byId("editor")
const form = byId("form")

const view = { show: "all" }
let editing = null
let removed = null
let toastTimer
let turn = Promise.resolve()

/** Asks the server and shows its answer; one after the other, so that the newest is shown last. */
function ask(method, path, fields) {
  const answer = turn.then(() => send(method, path, fields))
  turn = answer
  return answer
}

/** Gives what the server says: how things are now, or which field is not right; null when it could not be reached. */
async function send(method, path, fields) {
  const saves = method !== "GET"
  if (saves) tell("Saving…")
  try {
    const response = await fetch(`${path}?${new URLSearchParams(view)}`, {
      method,
      cache: "no-store",
      headers: fields && { "content-type": "application/json" },
      body: fields && JSON.stringify(fields),
    })
    if (!response.ok && response.status !== 400) throw new Error(response.statusText)
    const answer = await response.json()
    if (answer.parts) render(answer)
    if (saves) tell(answer.problem ? "" : "Saved")
    return answer
  } catch {
    if (saves) tell("Could not be saved. Please try again.", true)
    return null
  }
}

function tell(text, bad = false) {
  byId("saving").textContent = text
  byId("saving").classList.toggle("bad", bad)
}

function render({ summary, all, low, parts }) {
  const focused = document.activeElement?.id
  byId("rows").replaceChildren(...parts.map(rowOf))
  byId("table").hidden = parts.length === 0
  byId("empty").hidden = parts.length > 0
  byId("empty").textContent = emptyWords(all)
  byId("summary").textContent = summary
  document.querySelector('[data-count="all"]').textContent = all
  document.querySelector('[data-count="low"]').textContent = low
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === view.show))
  }
  if (focused) byId(focused)?.focus()
}

function emptyWords(all) {
  if (all === 0) return "Nothing here yet. Add your first part."
  return "Nothing to reorder. Everything is well stocked."
}

function rowOf(part) {
  const row = byId("row").content.cloneNode(true).firstElementChild
  const find = (selector) => row.querySelector(selector)
  row.dataset.status = part.status
  find(".part").textContent = part.name
  find(".supplier").textContent = part.supplier || "–"
  find(".stock").textContent = part.stock
  find(".reorder").textContent = part.reorder_at
  find(".chip").textContent = words[part.status]
  find(".chip").dataset.status = part.status
  bind(find(".less"), `less-${part.id}`, `One ${part.name} less`, () => ask("POST", `/parts/${part.id}/less`))
  bind(find(".more"), `more-${part.id}`, `One ${part.name} more`, () => ask("POST", `/parts/${part.id}/more`))
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
  for (const field of ["name", "supplier", "stock", "reorder_at"]) {
    form.elements[field].value = part ? part[field] : ""
    form.elements[field].removeAttribute("aria-invalid")
  }
  editor.showModal()
  form.elements.name.focus()
}

async function submit(event) {
  event.preventDefault()
  const fields = Object.fromEntries(new FormData(form))
  const save = form.querySelector("[type=submit]")
  save.disabled = true
  const answer = editing ? await ask("PUT", `/parts/${editing.id}`, fields) : await ask("POST", "/parts", fields)
  save.disabled = false
  if (answer?.parts) {
    editor.close()
    return
  }
  for (const input of form.querySelectorAll("input")) input.removeAttribute("aria-invalid")
  byId("problem").textContent = answer?.problem ?? "This could not be saved. Please try again."
  const field = form.elements[answer?.field]
  field?.setAttribute("aria-invalid", "true")
  field?.focus()
}

async function remove(part) {
  const answer = await ask("DELETE", `/parts/${part.id}`)
  if (answer === null) return
  removed = part
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
byId("undo").addEventListener("click", async () => {
  if ((await ask("PUT", `/parts/${removed.id}`, removed)) !== null) hideToast()
})
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    view.show = button.dataset.show
    void ask("GET", "/parts")
  })
}

async function start() {
  if ((await ask("GET", "/parts")) !== null) return
  byId("summary").textContent = "Your parts could not be loaded. Trying again…"
  setTimeout(start, 3000)
}

void start()
