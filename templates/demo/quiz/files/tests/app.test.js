import { expect, test } from "bun:test"
import { choose, currentQuestion, mistakesOf, putQuestion, readQuestion, removeQuestion } from "../logic.js"
import { sampleQuiz, scoreOf, startRound } from "../logic.js"

const play = (quiz, answers) => answers.reduce(choose, startRound(quiz))
const allRight = sampleQuiz.questions.map(({ right }) => right)

test("a round goes through all questions and ends", () => {
  const round = startRound(sampleQuiz)
  expect(currentQuestion(round).text).toBe("Which is the largest ocean?")
  expect(currentQuestion(play(sampleQuiz, allRight))).toBeNull()
})

test("right answers are counted", () => {
  expect(scoreOf(play(sampleQuiz, allRight))).toMatchObject({ right: 6, total: 6, words: "Perfect, not a single mistake." })
  const oneWrong = [(allRight[0] + 1) % 4, ...allRight.slice(1)]
  expect(scoreOf(play(sampleQuiz, oneWrong))).toMatchObject({ right: 5, words: "Very good." })
  expect(scoreOf(startRound({ questions: [] })).part).toBe(0)
})

test("mistakes are shown with what was chosen", () => {
  const mistakes = mistakesOf(play(sampleQuiz, [0, ...allRight.slice(1)]))
  expect(mistakes.map(({ question, chosen }) => [question.id, chosen])).toEqual([["1", "Atlantic"]])
})

test("every sample question has two to four answers and a right one among them", () => {
  for (const { answers, right } of sampleQuiz.questions) {
    expect(answers.length).toBeGreaterThanOrEqual(2)
    expect(answers.length).toBeLessThanOrEqual(4)
    expect(answers[right]).toBeString()
  }
})

test("a teacher's question keeps its right answer when empty ones are left out", () => {
  const fields = { text: " Two plus two? ", answers: ["", "3", "", "4"], right: 3 }
  expect(readQuestion(fields).question).toEqual({ text: "Two plus two?", answers: ["3", "4"], right: 1 })
  expect(readQuestion({ ...fields, text: "" }).field).toBe("text")
  expect(readQuestion({ ...fields, answers: ["", "3", "", ""] }).problem).toContain("two answers")
  expect(readQuestion({ ...fields, right: 2 }).field).toBe("right")
})

test("questions are changed, added and removed", () => {
  const changed = putQuestion(sampleQuiz, { ...sampleQuiz.questions[0], text: "New" })
  expect(changed.questions).toHaveLength(6)
  expect(changed.questions[0].text).toBe("New")
  expect(putQuestion(sampleQuiz, { id: "new" }).questions).toHaveLength(7)
  expect(removeQuestion(sampleQuiz, "1").questions).toHaveLength(5)
})
