import { choose, currentQuestion, isRight, mistakesOf, sampleQuiz, scoreOf, startRound } from "./logic.js"
import { load } from "./store.js"
import { openTeaching, renderTeaching, setUpTeaching } from "./teach.js"

const byId = (id) => document.getElementById(id)
const letters = ["A", "B", "C", "D"]

let quiz = null
let round = null

/** Shows one of the four screens and puts the focus where reading goes on. */
function show(name) {
  for (const id of ["start", "play", "result", "teach"]) byId(id).hidden = id !== name
  byId("loading").hidden = true
  byId(name).querySelector("[tabindex]")?.focus()
}

function showStart() {
  const count = quiz.questions.length
  byId("title").textContent = quiz.title
  byId("count").textContent = count === 1 ? "1 question" : `${count} questions`
  byId("begin").disabled = count === 0
  show("start")
}

function showQuestion() {
  const question = currentQuestion(round)
  if (question === null) return showResult()
  const number = round.chosen.length + 1
  byId("number").textContent = `Question ${number} of ${round.questions.length}`
  byId("bar").value = (number - 1) / round.questions.length
  byId("question").textContent = question.text
  byId("feedback").textContent = ""
  byId("next").hidden = true
  byId("answers").replaceChildren(...question.answers.map((answer, place) => answerItem(question, answer, place)))
  show("play")
}

function answerItem(question, answer, place) {
  const item = document.createElement("li")
  const button = document.createElement("button")
  const letter = document.createElement("span")
  button.type = "button"
  letter.textContent = letters[place]
  letter.setAttribute("aria-hidden", "true")
  button.append(letter, answer)
  button.addEventListener("click", () => give(question, place))
  item.append(button)
  return item
}

function give(question, place) {
  round = choose(round, place)
  for (const [index, button] of byId("answers").querySelectorAll("button").entries()) {
    button.disabled = true
    if (isRight(question, index)) button.dataset.state = "right"
    else if (index === place) button.dataset.state = "wrong"
  }
  const right = question.answers[question.right]
  byId("feedback").textContent = isRight(question, place) ? "That is right." : `The right answer is: ${right}`
  byId("bar").value = round.chosen.length / round.questions.length
  byId("next").textContent = currentQuestion(round) ? "Next" : "See the result"
  byId("next").hidden = false
  byId("next").focus()
}

function showResult() {
  const { right, total, words } = scoreOf(round)
  const mistakes = mistakesOf(round)
  byId("score").textContent = `${right} of ${total} right`
  byId("verdict").textContent = words
  byId("mistakes-block").hidden = mistakes.length === 0
  byId("mistakes").replaceChildren(
    ...mistakes.map(({ question, chosen }) => {
      const item = document.createElement("li")
      const [text, wrong, right] = ["strong", "s", "span"].map((tag) => document.createElement(tag))
      text.textContent = question.text
      wrong.textContent = chosen
      right.textContent = question.answers[question.right]
      item.append(text, wrong, " ", right)
      return item
    }),
  )
  show("result")
}

function begin() {
  round = startRound(quiz)
  showQuestion()
}

byId("begin").addEventListener("click", begin)
byId("again").addEventListener("click", begin)
byId("next").addEventListener("click", showQuestion)
byId("teach-button").addEventListener("click", () => {
  if (quiz === null) return
  openTeaching(quiz)
  show("teach")
})
byId("done").addEventListener("click", () => {
  showStart()
  byId("begin").focus()
})
// Keys A to D, or 1 to 4, answer as well.
addEventListener("keydown", (event) => {
  if (byId("play").hidden || event.ctrlKey || event.metaKey || event.altKey) return
  const place = "abcd".includes(event.key.toLowerCase()) ? "abcd".indexOf(event.key.toLowerCase()) : "1234".indexOf(event.key)
  byId("answers").querySelectorAll("button")[place]?.click()
})

async function start() {
  try {
    const saved = await load("quiz")
    quiz = saved ?? sampleQuiz
    setUpTeaching({
      isNew: saved === null,
      quiz,
      onChange: (next) => {
        quiz = next
        renderTeaching(quiz)
      },
    })
    showStart()
  } catch {
    byId("loading").textContent = "The quiz could not be loaded. Trying again…"
    setTimeout(start, 3000)
  }
}

void start()
