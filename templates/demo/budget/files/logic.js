// The sums of the budget. Money is whole cents, days are texts such as "2026-03-09", months such as "2026-03".

export const currency = "EUR"

export const categories = {
  expense: ["Home", "Groceries", "Transport", "Children", "Health", "Leisure", "Other"],
  income: ["Salary", "Child benefit", "Other income"],
}

export const monthOf = (day) => day.slice(0, 7)

export function shiftMonth(month, count) {
  const [year, number] = month.split("-").map(Number)
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7)
}

export function monthWords(month, options = { month: "long", year: "numeric" }) {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(Date.parse(`${month}-01`))
}

export function money(cents, locale) {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100)
}

/** Cents from "12", "12.5", "12,50" or "1.234,50"; null for anything else and for nothing at all. */
export function readAmount(text) {
  const match = /^(\d{1,3}(?:[ .,']\d{3})+|\d+)(?:[.,](\d{1,2}))?$/.exec(text.trim().replace(/^€\s*|\s*€$/g, ""))
  if (match === null) return null
  const cents = Number(match[1].replace(/\D/g, "")) * 100 + Number((match[2] ?? "").padEnd(2, "0"))
  return cents > 0 && cents < 1e11 ? cents : null
}

/** Reads the form. Gives the entry, or the field that is not right and what is wrong with it. */
export function readEntry({ kind, amount, what, category, day }) {
  const cents = readAmount(amount)
  if (cents === null) return { problem: "Please give an amount such as 12.50.", field: "amount" }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return { problem: "Please choose a day.", field: "day" }
  return { entry: { kind, cents, what: what.trim() || category, category, day } }
}

/** The entries of one month, newest first. */
export function entriesOf(entries, month) {
  return entries.filter((entry) => monthOf(entry.day) === month).sort((a, b) => b.day.localeCompare(a.day))
}

const sum = (entries) => entries.reduce((total, entry) => total + entry.cents, 0)
const ofKind = (entries, kind) => entries.filter((entry) => entry.kind === kind)

export function totalsOf(entries) {
  const income = sum(ofKind(entries, "income"))
  const spent = sum(ofKind(entries, "expense"))
  return { income, spent, left: income - spent }
}

/** What was spent on each category, most first, and its share of all spending. */
export function spendingOf(entries) {
  const { spent } = totalsOf(entries)
  return categories.expense
    .map((category) => ({ category, cents: sum(ofKind(entries, "expense").filter((entry) => entry.category === category)) }))
    .filter(({ cents }) => cents > 0)
    .map((line) => ({ ...line, share: line.cents / spent }))
    .sort((a, b) => b.cents - a.cents)
}

/** Income and spending of so many months up to this one, oldest first, with heights from 0 to 1 for a chart. */
export function historyOf(entries, month, count = 6) {
  const months = Array.from({ length: count }, (_, index) => shiftMonth(month, index - count + 1))
  const lines = months.map((name) => ({ month: name, ...totalsOf(entriesOf(entries, name)) }))
  const most = Math.max(1, ...lines.flatMap(({ income, spent }) => [income, spent]))
  return lines.map((line) => ({ ...line, incomeHeight: line.income / most, spentHeight: line.spent / most }))
}

/** What a new budget starts with: half a year of a family of four. */
export function sampleEntries(month) {
  const plan = [
    ["01", "income", "Salary", "Salary Ana", 268000, 0],
    ["01", "income", "Salary", "Salary Ben", 214000, 0],
    ["05", "income", "Child benefit", "Child benefit", 51000, 0],
    ["02", "expense", "Home", "Rent", 148000, 0],
    ["03", "expense", "Home", "Electricity and heating", 18600, 900],
    ["04", "expense", "Groceries", "Weekly shop", 14250, 1100],
    ["06", "expense", "Transport", "Train passes", 11800, 0],
    ["08", "expense", "Children", "Swimming course", 6400, 0],
    ["11", "expense", "Groceries", "Weekly shop", 13190, -800],
    ["12", "expense", "Health", "Pharmacy", 2380, 450],
    ["14", "expense", "Leisure", "Dinner with friends", 8650, 2100],
    ["17", "expense", "Children", "Winter shoes", 11900, -2600],
    ["18", "expense", "Groceries", "Weekly shop", 15020, 600],
    ["19", "expense", "Other", "Birthday present", 3500, 700],
  ]
  const extras = [
    [-4, "21", "expense", "Leisure", "Week at the sea", 124000],
    [-3, "15", "income", "Other income", "Tax refund", 62000],
    [-2, "10", "expense", "Transport", "Car repair", 71500],
  ]
  const regular = [-5, -4, -3, -2, -1, 0].flatMap((back) =>
    plan.map(([day, kind, category, what, cents, drift], index) => {
      return [back, day, kind, category, what, cents + drift * (((back + 6) * 7 + index) % 5)]
    }),
  )
  return [...regular, ...extras].map(([back, day, kind, category, what, cents], index) => {
    return { id: `sample-${index}`, day: `${shiftMonth(month, back)}-${day}`, kind, category, what, cents }
  })
}
