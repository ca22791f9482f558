import { expect, test } from "bun:test"
import { addDays, changeTask, dueState, dueWords, newTask, progressOf, sampleTasks, visibleTasks } from "../logic.js"

const today = "2026-03-02"

test("a day is told in words", () => {
  const words = (days) => dueWords(addDays(today, days), today)
  expect([-3, -1, 0, 1, 3, 30].map(words)).toEqual([
    "3 days late",
    "Yesterday",
    "Today",
    "Tomorrow",
    "Thursday",
    "1 April",
  ])
})

test("days are counted across the end of a month and a leap day", () => {
  expect(addDays("2028-02-28", 2)).toBe("2028-03-01")
  expect(addDays("2026-01-01", -1)).toBe("2025-12-31")
})

test("a task is late only while it is open", () => {
  expect(dueState({ due: "2026-03-01", done: false }, today)).toBe("late")
  expect(dueState({ due: today, done: false }, today)).toBe("today")
  expect(dueState({ due: "2026-03-01", done: true }, today)).toBeNull()
  expect(dueState({ due: null, done: false }, today)).toBeNull()
})

test("open tasks come by day, those without a day last", () => {
  const titles = visibleTasks(sampleTasks(today), { show: "open" }).map((task) => task.title)
  expect(titles[0]).toBe("Return the library books")
  expect(titles.at(-1)).toBe("Sort the photos from the summer")
  expect(visibleTasks(sampleTasks(today), { show: "done" })).toHaveLength(1)
})

test("a task needs words", () => {
  expect(newTask({ title: "  ", due: "" }, "a")).toBeNull()
  const task = newTask({ title: " Buy   milk ", due: "" }, "a")
  expect(task).toEqual({ id: "a", title: "Buy milk", due: null, done: false })
})

test("what was ticked last is first among the done ones", () => {
  const tasks = changeTask(changeTask(sampleTasks(today), "3", { done: true }), "1", { done: true })
  expect(visibleTasks(tasks, { show: "done" }).map((task) => task.id)).toEqual(["1", "3", "6"])
})

test("the progress counts what is done", () => {
  expect(progressOf(sampleTasks(today)).words).toBe("1 of 6 done")
  expect(progressOf([{ done: true }])).toEqual({ part: 1, words: "All done" })
  expect(progressOf([])).toEqual({ part: 0, words: "Nothing to do" })
})
