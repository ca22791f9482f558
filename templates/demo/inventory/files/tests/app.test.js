import { expect, test } from "bun:test"
import { changeStock, putPart, readPart, sampleParts, statusOf, summaryOf, visibleParts } from "../logic.js"

test("a part runs low at its reorder level and is out at zero", () => {
  expect(statusOf({ stock: 21, reorderAt: 20 })).toBe("fine")
  expect(statusOf({ stock: 20, reorderAt: 20 })).toBe("low")
  expect(statusOf({ stock: 0, reorderAt: 20 })).toBe("out")
})

test("the summary counts what to reorder", () => {
  expect(summaryOf(sampleParts)).toBe("8 parts, 3 to reorder")
  expect(summaryOf([])).toBe("No parts yet")
  expect(summaryOf([sampleParts[0]])).toBe("1 part, nothing to reorder")
})

test("the list is sorted by name and can show only what runs low", () => {
  const all = visibleParts(sampleParts, { show: "all" })
  expect(all).toHaveLength(8)
  expect(all[0].name).toBe("Danish oil, 1 l")
  const low = visibleParts(sampleParts, { show: "low" }).map((part) => part.name)
  expect(low).toEqual(["Danish oil, 1 l", "Sanding discs, 120", "Wood glue, 750 g"])
})

test("stock never goes below zero", () => {
  const parts = changeStock([{ id: "a", stock: 1 }], "a", -5)
  expect(parts).toEqual([{ id: "a", stock: 0 }])
})

test("saving replaces a part with the same id and appends a new one", () => {
  expect(putPart([{ id: "a", stock: 1 }], { id: "a", stock: 2 })).toEqual([{ id: "a", stock: 2 }])
  expect(putPart([{ id: "a" }], { id: "b" })).toHaveLength(2)
})

test("the form says which field is not right", () => {
  const good = { name: " Screws ", supplier: "", stock: "12", reorderAt: "" }
  expect(readPart(good).part).toEqual({ name: "Screws", supplier: "", stock: 12, reorderAt: 0 })
  expect(readPart({ ...good, name: "  " }).field).toBe("name")
  expect(readPart({ ...good, stock: "1.5" }).field).toBe("stock")
  expect(readPart({ ...good, reorderAt: "-1" }).field).toBe("reorderAt")
})
