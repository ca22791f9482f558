// The timetable and the rules of booking. Days are texts such as "2026-03-09", times such as "18:00".

const week = {
  1: [
    ["07:30", 45, "Morning flow", "Mara", 8],
    ["18:00", 60, "Pilates basics", "Jonas", 10],
    ["19:30", 75, "Slow yoga", "Mara", 12],
  ],
  2: [
    ["09:00", 60, "Pilates for backs", "Jonas", 8],
    ["18:30", 60, "Power yoga", "Lea", 12],
  ],
  3: [
    ["07:30", 45, "Morning flow", "Lea", 8],
    ["17:30", 60, "Prenatal yoga", "Mara", 6],
    ["19:00", 60, "Pilates basics", "Jonas", 10],
  ],
  4: [
    ["09:00", 60, "Pilates for backs", "Jonas", 8],
    ["18:30", 75, "Slow yoga", "Mara", 12],
  ],
  5: [
    ["07:30", 45, "Morning flow", "Mara", 8],
    ["17:00", 60, "Power yoga", "Lea", 12],
  ],
  6: [
    ["10:00", 75, "Weekend pilates", "Jonas", 12],
    ["11:30", 60, "Yoga for two", "Lea", 6],
  ],
  0: [
    ["10:00", 75, "Slow yoga", "Mara", 12],
    ["17:00", 60, "Breathe and stretch", "Lea", 10],
  ],
}

const two = (number) => String(number).padStart(2, "0")
const dayOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`

/** The coming seven days with the classes that have not begun yet. */
export function comingDays(now) {
  return Array.from({ length: 7 }, (_, index) => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + index)
    const day = dayOf(date)
    const classes = week[date.getDay()]
      .map(([time, minutes, title, teacher, places]) => ({ id: `${day}T${time}`, day, time, minutes, title, teacher, places }))
      .filter(({ time }) => index > 0 || time > `${two(now.getHours())}:${two(now.getMinutes())}`)
    return { day, classes }
  })
}

/** "Monday, 9 March" */
export function dayWords(day, options = { weekday: "long", day: "numeric", month: "long" }) {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(Date.parse(day))
}

export const takenPlaces = (session, bookings) => bookings.filter((booking) => booking.classId === session.id).length

export const freePlaces = (session, bookings) => Math.max(0, session.places - takenPlaces(session, bookings))

export function placesWords(free) {
  if (free === 0) return "Full"
  return free === 1 ? "1 place left" : `${free} places left`
}

/** Reads the form. Gives the person, or the field that is not right and what is wrong with it. */
export function readPerson({ name, email }) {
  if (name.trim() === "") return { problem: "Please tell us your name.", field: "name" }
  const address = email.trim().toLowerCase()
  if (!/^\S+@\S+\.\S+$/.test(address)) return { problem: "Please give an e-mail such as ida@example.com.", field: "email" }
  return { person: { name: name.trim(), email: address } }
}

/** Books one place. Gives the new bookings, or says why that is not possible. */
export function book(bookings, session, person, id) {
  const own = bookings.some((booking) => booking.classId === session.id && booking.email === person.email)
  if (own) return { bookings, problem: "You already have a place in this class." }
  if (freePlaces(session, bookings) === 0) return { bookings, problem: "Somebody was faster: this class is full now." }
  return { bookings: [...bookings, { id, classId: session.id, ...person }], problem: null }
}

export const cancel = (bookings, id) => bookings.filter((booking) => booking.id !== id)

/** The coming bookings of one person with their classes, soonest first. */
export function bookingsOf(bookings, days, email) {
  const classes = new Map(days.flatMap((day) => day.classes).map((session) => [session.id, session]))
  return bookings
    .filter((booking) => booking.email === email.trim().toLowerCase() && classes.has(booking.classId))
    .map((booking) => ({ ...booking, session: classes.get(booking.classId) }))
    .sort((a, b) => a.classId.localeCompare(b.classId))
}

/** What a new page starts with: some places are taken already, one class is full. */
export function sampleBookings(days) {
  const classes = days.flatMap((day) => day.classes)
  return classes.flatMap((session, index) => {
    const taken = index === 1 ? session.places : (index * 5 + 3) % session.places
    return Array.from({ length: taken }, (_, place) => ({
      id: `sample-${session.id}-${place}`,
      classId: session.id,
      name: "Guest",
      email: `guest-${place}@example.com`,
    }))
  })
}
