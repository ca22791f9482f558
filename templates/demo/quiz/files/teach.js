import { putQuestion, readQuestion, removeQuestion } from "./logic.js"
import { createSaver } from "./saving.js"

const byId = (id) => document.getElementById(id)
const form = byId("form")
const places = [0, 1, 2, 3]

let quiz = null
let tell = () => {}
let editing = null
let before = null
let toastTimer

const save = createSaver("quiz", (state) => {
  const text = { saving: "Saving…", saved: "Saved", failed: "Could not be saved. Trying again…" }
  // Who only plays need not know that something was saved.
  byId("saving").textContent = byId("teach").hidden && state !== "failed" ? "" : text[state]
  byId("saving").classList.toggle("bad", state === "failed")
})

/** Connects the teacher's screen. `onChange` hears every change of the quiz. */
export function setUpTeaching({ quiz: loaded, isNew, onChange }) {
  quiz = loaded
  tell = onChange
  if (isNew) save(quiz)
}

export function openTeaching(current) {
  byId("quiz-title").value = current.title
  renderTeaching(current)
}

export function renderTeaching(current) {
  quiz = current
  byId("questions").replaceChildren(...quiz.questions.map(questionRow))
}

function update(next) {
  save(next)
  tell(next)
}

function questionRow(question) {
  const row = byId("question-row").content.cloneNode(true).firstElementChild
  const [edit, remove] = [row.querySelector(".edit"), row.querySelector(".remove")]
  row.querySelector("strong").textContent = question.text
  row.querySelector("span").textContent = question.answers[question.right]
  edit.setAttribute("aria-label", `Edit: ${question.text}`)
  edit.addEventListener("click", () => openEditor(question))
  remove.setAttribute("aria-label", `Remove: ${question.text}`)
  remove.addEventListener("click", () => takeOut(question))
  return row
}

function openEditor(question) {
  editing = question
  byId("editor-title").textContent = question ? "Change the question" : "Add a question"
  form.elements.text.value = question?.text ?? ""
  byId("answer-fields").replaceChildren(...places.map((place) => answerField(question, place)))
  showProblem("")
  byId("editor").showModal()
  form.elements.text.focus()
}

function answerField(question, place) {
  const field = byId("answer-field").content.cloneNode(true).firstElementChild
  const [right, text] = field.children
  right.value = place
  right.checked = question?.right === place
  right.setAttribute("aria-label", `Answer ${place + 1} is right`)
  text.name = `answer-${place}`
  text.value = question?.answers[place] ?? ""
  text.placeholder = place < 2 ? `Answer ${place + 1}` : `Answer ${place + 1}, if you like`
  text.setAttribute("aria-label", `Answer ${place + 1}`)
  return field
}

function showProblem(words, field) {
  byId("problem").textContent = words
  const target = field === "right" ? form.querySelector('[name="right"]') : form.elements[field]
  target?.focus()
}

function takeOut(question) {
  before = quiz
  update(removeQuestion(quiz, question.id))
  byId("toast").hidden = false
  byId("undo").focus()
  clearTimeout(toastTimer)
  toastTimer = setTimeout(() => (byId("toast").hidden = true), 8000)
}

form.addEventListener("submit", (event) => {
  event.preventDefault()
  const fields = new FormData(form)
  const { question, problem, field } = readQuestion({
    text: fields.get("text"),
    answers: places.map((place) => fields.get(`answer-${place}`)),
    right: fields.get("right") === null ? null : Number(fields.get("right")),
  })
  if (problem) return showProblem(problem, field)
  byId("editor").close()
  update(putQuestion(quiz, { id: editing?.id ?? crypto.randomUUID(), ...question }))
  byId("add").focus()
})
byId("add").addEventListener("click", () => openEditor(null))
byId("cancel").addEventListener("click", () => byId("editor").close())
byId("quiz-title").addEventListener("input", (event) => {
  update({ ...quiz, title: event.target.value.trim() || "Our quiz" })
})
byId("undo").addEventListener("click", () => {
  byId("toast").hidden = true
  update(before)
  byId("add").focus()
})
