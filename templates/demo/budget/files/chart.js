import { money, monthWords } from "./logic.js"

const height = 140
const width = 336

/** Two columns a month: income and spending. The numbers are read out, too. */
export function drawHistory(svg, months) {
  const step = width / months.length
  svg.replaceChildren(
    ...[0, 0.5, 1].map((part) => node("line", { x1: 0, x2: width, y1: y(part), y2: y(part), class: "grid" })),
    ...months.flatMap(({ month, incomeHeight, spentHeight }, index) => {
      const middle = step * (index + 0.5)
      const label = node("text", { x: middle, y: height + 30, "text-anchor": "middle" })
      label.textContent = monthWords(month, { month: "short" })
      return [column(middle - 15, incomeHeight, "in"), column(middle + 2, spentHeight, "out"), label]
    }),
  )
  const words = months.map(({ month, income, spent }) => `${monthWords(month)}: income ${money(income)}, spent ${money(spent)}`)
  svg.setAttribute("aria-label", words.join("; "))
}

const y = (part) => 8 + height * (1 - part)

const column = (x, part, name) =>
  node("rect", { x, y: y(part), width: 13, height: Math.max(part * height, 1), rx: 3, class: name })

function node(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}
