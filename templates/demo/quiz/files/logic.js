// The rules of the quiz. A question has two to four answers; `right` is the place of the right one.

export const sampleQuiz = {
  title: "Our planet",
  questions: [
    { id: "1", text: "Which is the largest ocean?", answers: ["Atlantic", "Pacific", "Indian", "Arctic"], right: 1 },
    { id: "2", text: "How long does the Earth take to go around the Sun?", answers: ["A day", "A month", "A year"], right: 2 },
    { id: "3", text: "What do plants take from the air to grow?", answers: ["Oxygen", "Nitrogen", "Carbon dioxide", "Helium"], right: 2 },
    { id: "4", text: "Which continent is the driest?", answers: ["Africa", "Australia", "Antarctica", "Asia"], right: 2 },
    { id: "5", text: "Is the Sun a star?", answers: ["Yes", "No"], right: 0 },
    { id: "6", text: "What causes the tides?", answers: ["The wind", "The Moon", "Ships", "Rivers"], right: 1 },
  ],
}

/** A round goes through the questions in their order and keeps what was chosen. */
export const startRound = (quiz) => ({ questions: quiz.questions, chosen: [] })

export const currentQuestion = (round) => round.questions[round.chosen.length] ?? null

export const choose = (round, answer) => ({ ...round, chosen: [...round.chosen, answer] })

export const isRight = (question, answer) => question.right === answer

/** The score of a round, in numbers and in words. */
export function scoreOf({ questions, chosen }) {
  const right = questions.filter((question, index) => isRight(question, chosen[index])).length
  const total = questions.length
  const part = total === 0 ? 0 : right / total
  const words =
    part === 1 ? "Perfect, not a single mistake." : part >= 0.75 ? "Very good." : part >= 0.5 ? "Good start, try again." : "Have another go."
  return { right, total, part, words }
}

/** The questions that were answered wrongly, with what was chosen. */
export function mistakesOf({ questions, chosen }) {
  return questions
    .map((question, index) => ({ question, chosen: question.answers[chosen[index]] ?? "No answer" }))
    .filter(({ question }, index) => !isRight(question, chosen[index]))
}

/** Reads the teacher's form. Gives the question, or the field that is not right and what is wrong with it. */
export function readQuestion({ text, answers, right }) {
  if (text.trim() === "") return { problem: "Please write the question.", field: "text" }
  const kept = answers.map((answer, place) => ({ answer: answer.trim(), place })).filter(({ answer }) => answer !== "")
  if (kept.length < 2) return { problem: "Please give at least two answers.", field: "answer-0" }
  const place = kept.findIndex((answer) => answer.place === right)
  if (place === -1) return { problem: "Please mark the right answer.", field: "right" }
  return { question: { text: text.trim(), answers: kept.map(({ answer }) => answer), right: place } }
}

/** Puts a question in: replaces the one with the same id, or appends it. */
export function putQuestion(quiz, question) {
  const known = quiz.questions.some(({ id }) => id === question.id)
  const questions = known
    ? quiz.questions.map((other) => (other.id === question.id ? question : other))
    : [...quiz.questions, question]
  return { ...quiz, questions }
}

export const removeQuestion = (quiz, id) => ({ ...quiz, questions: quiz.questions.filter((other) => other.id !== id) })
