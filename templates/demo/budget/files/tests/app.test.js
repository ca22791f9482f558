import { expect, test } from "bun:test"
import { entriesOf, historyOf, money, monthWords, readAmount, readEntry } from "../logic.js"
import { sampleEntries, shiftMonth, spendingOf, totalsOf } from "../logic.js"

const entry = (day, kind, category, cents) => ({ day, kind, category, cents, what: category, id: day + cents })
const march = [
  entry("2026-03-01", "income", "Salary", 250000),
  entry("2026-03-02", "expense", "Home", 100000),
  entry("2026-03-09", "expense", "Groceries", 20000),
  entry("2026-03-20", "expense", "Groceries", 5050),
]

test("amounts are read as people write them", () => {
  expect(["12", "12.5", "12,50", "1.234,50", "1,234.50", "€ 7", "0.05"].map(readAmount)).toEqual([
    1200, 1250, 1250, 123450, 123450, 700, 5,
  ])
  expect(["", "0", "-3", "twelve", "1.2.3", "12.345,6,7"].map(readAmount)).toEqual([null, null, null, null, null, null])
})

test("the totals add up to the cent", () => {
  expect(totalsOf(march)).toEqual({ income: 250000, spent: 125050, left: 124950 })
  expect(totalsOf([])).toEqual({ income: 0, spent: 0, left: 0 })
})

test("spending is sorted, and its shares make a whole", () => {
  const lines = spendingOf(march)
  expect(lines.map(({ category, cents }) => [category, cents])).toEqual([["Home", 100000], ["Groceries", 25050]])
  expect(lines.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
})

test("a month holds its own entries, newest first", () => {
  const entries = [...march, entry("2026-04-01", "expense", "Home", 100000)]
  expect(entriesOf(entries, "2026-03").map(({ day }) => day)).toEqual(["2026-03-20", "2026-03-09", "2026-03-02", "2026-03-01"])
})

test("months go on over the end of a year", () => {
  expect(shiftMonth("2026-01", -1)).toBe("2025-12")
  expect(shiftMonth("2025-11", 3)).toBe("2026-02")
  expect(monthWords("2026-03")).toBe("March 2026")
})

test("the chart is as high as its largest month", () => {
  const months = historyOf(march, "2026-03", 2)
  expect(months.map(({ month }) => month)).toEqual(["2026-02", "2026-03"])
  expect(months[1].incomeHeight).toBe(1)
  expect(months[0].spentHeight).toBe(0)
})

test("the form says which field is not right", () => {
  const fields = { kind: "expense", amount: "9.90", what: " ", category: "Home", day: "2026-03-03" }
  expect(readEntry(fields).entry).toEqual({ kind: "expense", cents: 990, what: "Home", category: "Home", day: "2026-03-03" })
  expect(readEntry({ ...fields, amount: "lots" }).field).toBe("amount")
  expect(readEntry({ ...fields, day: "" }).field).toBe("day")
})

test("the sample covers half a year", () => {
  const entries = sampleEntries("2026-03")
  expect(historyOf(entries, "2026-03").every(({ income, spent }) => income > spent && spent > 0)).toBe(true)
  expect(money(123450, "en-IE")).toBe("€1,234.50")
})
