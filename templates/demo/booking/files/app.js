import { book, bookingsOf, cancel, comingDays, dayWords, freePlaces, placesWords, readPerson, sampleBookings } from "./logic.js"
import { load, save, update } from "./store.js"

const byId = (id) => document.getElementById(id)
const bookForm = byId("book-form")
const findForm = byId("find-form")

const days = comingDays(new Date())
let bookings = []
let shownDay = days.find(({ classes }) => classes.length > 0).day
let chosen = null
let toastTimer

function render() {
  byId("days").replaceChildren(...days.map(dayButton))
  byId("day-title").textContent = dayWords(shownDay)
  const { classes } = days.find(({ day }) => day === shownDay)
  byId("state").textContent = classes.length === 0 ? "No more classes today." : ""
  byId("classes").replaceChildren(...classes.map(classItem))
}

function dayButton({ day }) {
  const button = document.createElement("button")
  const weekday = document.createElement("span")
  const date = document.createElement("strong")
  weekday.textContent = dayWords(day, { weekday: "short" })
  date.textContent = dayWords(day, { day: "numeric" })
  button.type = "button"
  button.setAttribute("aria-pressed", String(day === shownDay))
  button.append(weekday, " ", date)
  button.addEventListener("click", () => {
    shownDay = day
    render()
    byId("days").querySelector('[aria-pressed="true"]').focus()
  })
  return button
}

function classItem(session) {
  const item = byId("class").content.cloneNode(true).firstElementChild
  const find = (selector) => item.querySelector(selector)
  const free = freePlaces(session, bookings)
  find(".time strong").textContent = session.time
  find(".time span").textContent = `${session.minutes} min`
  find("h3").textContent = session.title
  find(".what p").textContent = `with ${session.teacher}`
  find(".left").textContent = placesWords(free)
  item.dataset.free = free === 0 ? "none" : free <= 2 ? "few" : "some"
  for (let place = 0; place < session.places; place++) {
    const dot = document.createElement("i")
    dot.className = place < session.places - free ? "taken" : ""
    find(".dots").append(dot)
  }
  const button = find("button")
  button.textContent = free === 0 ? "Full" : "Book"
  button.disabled = free === 0
  button.setAttribute("aria-label", `${button.textContent}: ${session.title}, ${dayWords(session.day)}, ${session.time}`)
  button.addEventListener("click", () => openBooking(session))
  return item
}

function openBooking(session) {
  chosen = session
  byId("book-title").textContent = session.title
  byId("book-when").textContent = `${dayWords(session.day)}, ${session.time}, with ${session.teacher}`
  showProblem("")
  byId("book").showModal()
  bookForm.elements.name.focus()
}

function showProblem(words, field) {
  byId("book-problem").textContent = words
  for (const input of bookForm.querySelectorAll("input")) input.toggleAttribute("aria-invalid", input.name === field)
  if (field) bookForm.elements[field].focus()
}

bookForm.addEventListener("submit", async (event) => {
  event.preventDefault()
  const { person, problem, field } = readPerson(Object.fromEntries(new FormData(bookForm)))
  if (problem) return showProblem(problem, field)
  const session = chosen
  let refused = null
  const done = await change(byId("book-submit"), (newest) => {
    const result = book(newest, session, person, crypto.randomUUID())
    refused = result.problem
    return result.bookings
  })
  if (!done) return showProblem("Your place could not be saved. Please try again.")
  if (refused) return showProblem(refused)
  byId("book").close()
  findForm.elements.email.value = person.email
  toast(`You have a place: ${session.title}, ${dayWords(session.day)}, ${session.time}.`)
})

/** Changes the bookings on the server, on top of what others have booked by now. False when that fails. */
async function change(button, how) {
  button.disabled = true
  try {
    bookings = await update("bookings", [], how)
    render()
    return true
  } catch {
    return false
  } finally {
    button.disabled = false
  }
}

function showFound() {
  const email = findForm.elements.email.value
  const found = bookingsOf(bookings, days, email)
  byId("found").replaceChildren(...found.map(foundItem))
  if (email.trim() === "") byId("found-state").textContent = "Please give the e-mail you booked with."
  else byId("found-state").textContent = found.length === 0 ? "There are no coming bookings with this e-mail." : ""
}

function foundItem({ id, session }) {
  const item = document.createElement("li")
  const words = document.createElement("span")
  const button = document.createElement("button")
  words.textContent = `${session.title}, ${dayWords(session.day)}, ${session.time}`
  button.type = "button"
  button.textContent = "Cancel"
  button.setAttribute("aria-label", `Cancel ${words.textContent}`)
  button.addEventListener("click", async () => {
    const done = await change(button, (newest) => cancel(newest, id))
    showFound()
    byId("found-state").textContent = done ? `${session.title} is cancelled.` : "That could not be saved. Please try again."
    findForm.elements.email.focus()
  })
  item.append(words, button)
  return item
}

function toast(words) {
  byId("toast").textContent = words
  byId("toast").hidden = false
  clearTimeout(toastTimer)
  toastTimer = setTimeout(() => (byId("toast").hidden = true), 6000)
}

findForm.addEventListener("submit", (event) => {
  event.preventDefault()
  showFound()
})
byId("mine").addEventListener("click", () => {
  byId("found").replaceChildren()
  byId("found-state").textContent = ""
  byId("bookings").showModal()
})
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close())
}

async function start() {
  try {
    const saved = await load("bookings")
    bookings = saved ?? sampleBookings(days)
    render()
    if (saved === null) await save("bookings", bookings)
  } catch {
    byId("state").textContent = "The classes could not be loaded. Trying again…"
    setTimeout(start, 3000)
  }
}

void start()
