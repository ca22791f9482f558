// The rules of the list. Days are texts such as "2026-03-09", so that they mean the same in every time zone.

const dayMs = 24 * 60 * 60 * 1000

/** The day of a date where the person is. */
export function dayOf(date) {
  const two = (number) => String(number).padStart(2, "0")
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

export function addDays(day, count) {
  return new Date(Date.parse(day) + count * dayMs).toISOString().slice(0, 10)
}

export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / dayMs)

/** What a new list starts with. */
export function sampleTasks(today) {
  return [
    { id: "1", title: "Return the library books", due: addDays(today, -1), done: false },
    { id: "2", title: "Call the dentist", due: today, done: false },
    { id: "3", title: "Buy a birthday present for Ida", due: addDays(today, 2), done: false },
    { id: "4", title: "Book the train to Lisbon", due: addDays(today, 9), done: false },
    { id: "5", title: "Sort the photos from the summer", due: null, done: false },
    { id: "6", title: "Water the plants", due: today, done: true },
  ]
}

/** "late", "today" or "later"; null for a task without a day, or one that is done. */
export function dueState(task, today) {
  if (task.due === null || task.done) return null
  const days = daysBetween(today, task.due)
  if (days < 0) return "late"
  return days === 0 ? "today" : "later"
}

/** A day in words: "Today", "2 days late", "Monday", "9 March". */
export function dueWords(due, today) {
  const days = daysBetween(today, due)
  if (days < -1) return `${-days} days late`
  if (days === -1) return "Yesterday"
  if (days === 0) return "Today"
  if (days === 1) return "Tomorrow"
  const format = days < 7 ? { weekday: "long" } : { day: "numeric", month: "long" }
  return new Intl.DateTimeFormat("en-GB", { ...format, timeZone: "UTC" }).format(Date.parse(due))
}

/** The tasks to show: open ones by day, those without a day last; done ones newest first. */
export function visibleTasks(tasks, { show }) {
  if (show === "done") return tasks.filter((task) => task.done).reverse()
  return tasks.filter((task) => !task.done).sort(byDay)
}

function byDay(a, b) {
  return (a.due ?? "9999").localeCompare(b.due ?? "9999")
}

/** A new task from what was typed, or null when there is nothing to do in it. */
export function newTask({ title, due }, id) {
  const words = title.trim().replace(/\s+/g, " ")
  return words === "" ? null : { id, title: words, due: due || null, done: false }
}

/** Changes one task; it moves to the end when it is ticked, so the newest of the done ones is known. */
export function changeTask(tasks, id, change) {
  const task = { ...tasks.find((other) => other.id === id), ...change }
  if (change.done) return [...tasks.filter((other) => other.id !== id), task]
  return tasks.map((other) => (other.id === id ? task : other))
}

/** "2 of 6 done" and how far that is, from 0 to 1. */
export function progressOf(tasks) {
  const done = tasks.filter((task) => task.done).length
  if (tasks.length === 0) return { part: 0, words: "Nothing to do" }
  if (done === tasks.length) return { part: 1, words: "All done" }
  return { part: done / tasks.length, words: `${done} of ${tasks.length} done` }
}
