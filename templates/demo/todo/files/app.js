import { changeTask, dayOf, dueState, dueWords, newTask, progressOf, sampleTasks, visibleTasks } from "./logic.js"
import { createSaver } from "./saving.js"
import { load } from "./store.js"

const byId = (id) => document.getElementById(id)
const form = byId("form")

let tasks = []
const view = { show: "open" }
let before = null
let toastTimer

const today = () => dayOf(new Date())

const save = createSaver("tasks", (state) => {
  const text = { saving: "Saving…", saved: "Saved", failed: "Could not be saved. Trying again…" }
  byId("saving").textContent = text[state]
  byId("saving").classList.toggle("bad", state === "failed")
})

function update(next) {
  tasks = next
  save(tasks)
  render()
}

function render() {
  const focused = document.activeElement?.id
  const visible = visibleTasks(tasks, view)
  const progress = progressOf(tasks)
  byId("tasks").replaceChildren(...visible.map(itemOf))
  byId("bar").value = progress.part
  byId("progress").textContent = progress.words
  byId("empty").hidden = visible.length > 0
  byId("empty").textContent = view.show === "open" ? "Nothing left to do. Enjoy the day." : "Nothing is done yet."
  byId("clear").hidden = view.show === "open" || visible.length === 0
  const done = tasks.filter((task) => task.done).length
  document.querySelector('[data-count="open"]').textContent = tasks.length - done
  document.querySelector('[data-count="done"]').textContent = done
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === view.show))
  }
  if (focused) byId(focused)?.focus()
}

function itemOf(task) {
  const item = byId("task").content.cloneNode(true).firstElementChild
  const [check, title, due, remove] = ["input", ".title", ".due", ".remove"].map((name) => item.querySelector(name))
  item.classList.toggle("done", task.done)
  check.id = `check-${task.id}`
  check.checked = task.done
  check.setAttribute("aria-labelledby", `title-${task.id}`)
  check.addEventListener("change", () => tick(task, check.checked))
  title.id = `title-${task.id}`
  title.textContent = task.title
  title.title = "Click to change"
  title.addEventListener("click", () => edit(task, title))
  due.textContent = task.due === null ? "" : dueWords(task.due, today())
  due.dataset.state = dueState(task, today()) ?? ""
  remove.id = `remove-${task.id}`
  remove.setAttribute("aria-label", "Remove")
  remove.setAttribute("aria-labelledby", `remove-${task.id} title-${task.id}`)
  remove.addEventListener("click", () => undoable(`“${task.title}” removed`, without(task)))
  return item
}

const without = (task) => tasks.filter((other) => other.id !== task.id)

function tick(task, done) {
  undoable(done ? `“${task.title}” is done` : `“${task.title}” is to do again`, changeTask(tasks, task.id, { done }))
}

/** The title becomes a field in its place; Enter or leaving it keeps the change, Escape does not. */
function edit(task, title) {
  const field = document.createElement("input")
  field.className = "title"
  field.value = task.title
  field.maxLength = 140
  field.setAttribute("aria-label", "Change the task")
  let open = true
  const close = (keep) => {
    if (!open) return
    open = false
    const words = field.value.trim()
    if (keep && words !== "") {
      task.title = words
      title.textContent = words
      save(tasks)
    }
    // Only this one place changes: whatever was clicked to leave the field must still be there for the click.
    field.replaceWith(title)
  }
  field.addEventListener("blur", () => close(true))
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return
    event.preventDefault()
    close(event.key === "Enter")
    title.focus()
  })
  title.replaceWith(field)
  field.focus()
  field.select()
}

/** Makes a change that one click takes back. */
function undoable(words, next) {
  before = tasks
  update(next)
  byId("toast-text").textContent = words
  byId("toast").hidden = false
  clearTimeout(toastTimer)
  toastTimer = setTimeout(() => (byId("toast").hidden = true), 8000)
}

byId("undo").addEventListener("click", () => {
  byId("toast").hidden = true
  update(before)
  byId("title").focus()
})

form.addEventListener("submit", (event) => {
  event.preventDefault()
  const task = newTask(Object.fromEntries(new FormData(form)), crypto.randomUUID())
  if (task !== null) {
    form.reset()
    view.show = "open"
    update([...tasks, task])
  }
  byId("title").focus()
})

byId("clear").addEventListener("click", () => {
  undoable("Cleared what was done", tasks.filter((task) => !task.done))
  byId("title").focus()
})

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    view.show = button.dataset.show
    render()
  })
}

async function start() {
  byId("date").textContent = new Intl.DateTimeFormat("en-GB", { dateStyle: "full" }).format(new Date())
  try {
    const saved = await load("tasks")
    tasks = saved ?? sampleTasks(today())
    render()
    if (saved === null) save(tasks)
  } catch {
    byId("progress").textContent = "Your list could not be loaded. Trying again…"
    setTimeout(start, 3000)
  }
}

void start()
