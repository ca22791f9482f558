import { expect, test } from "bun:test"
import { book, bookingsOf, cancel, comingDays, freePlaces, placesWords, readPerson, sampleBookings } from "../logic.js"

// A Monday, before the class at 18:00.
const monday = new Date(2026, 2, 2, 12, 0)
const days = comingDays(monday)
const ida = { name: "Ida", email: "ida@example.com" }
const small = { id: "2026-03-04T17:30", places: 2 }

test("seven days are shown, today without what has begun", () => {
  expect(days).toHaveLength(7)
  expect(days[0].classes.map((session) => session.time)).toEqual(["18:00", "19:30"])
  expect(days[1].classes.map((session) => session.title)).toEqual(["Pilates for backs", "Power yoga"])
  expect(days[6].day).toBe("2026-03-08")
})

test("places run out, and nobody gets two", () => {
  const first = book([], small, ida, "1")
  expect(first.problem).toBeNull()
  expect(placesWords(freePlaces(small, first.bookings))).toBe("1 place left")
  expect(book(first.bookings, small, ida, "2").problem).toContain("already")
  const second = book(first.bookings, small, { name: "Tom", email: "tom@example.com" }, "3")
  expect(placesWords(freePlaces(small, second.bookings))).toBe("Full")
  const late = book(second.bookings, small, { name: "Eva", email: "eva@example.com" }, "4")
  expect(late.problem).toContain("full")
  expect(late.bookings).toHaveLength(2)
})

test("a cancelled place is free again", () => {
  const { bookings } = book([], small, ida, "1")
  expect(freePlaces(small, cancel(bookings, "1"))).toBe(2)
})

test("a person finds the coming bookings by e-mail, soonest first", () => {
  const [early, late] = [days[0].classes[0], days[3].classes[0]]
  const past = { id: "0", classId: "2026-02-01T10:00", ...ida }
  const bookings = [past, { id: "2", classId: late.id, ...ida }, { id: "1", classId: early.id, ...ida }]
  expect(bookingsOf(bookings, days, " IDA@example.com ").map(({ id }) => id)).toEqual(["1", "2"])
})

test("the form says which field is not right", () => {
  expect(readPerson({ name: " Ida ", email: "Ida@Example.com" }).person).toEqual(ida)
  expect(readPerson({ name: "", email: "ida@example.com" }).field).toBe("name")
  expect(readPerson({ name: "Ida", email: "ida" }).field).toBe("email")
})

test("the sample leaves places in most classes and never takes too many", () => {
  const classes = days.flatMap((day) => day.classes)
  const free = classes.map((session) => freePlaces(session, sampleBookings(days)))
  expect(free.filter((count) => count === 0)).toHaveLength(1)
  expect(classes.every((session, index) => free[index] <= session.places)).toBe(true)
})
