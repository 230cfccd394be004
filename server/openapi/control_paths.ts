import { z } from "zod";
import { body, json, type Operations, problem } from "./document.ts";

const ALL = json("FaultList", "All faults, with their state", {
  faults: [{ name: "smtp.delay", active: null }],
});
const ONE = json("Fault", "The fault, with its state", { name: "smtp.delay", active: null });
const ANY = {
  ...problem(404, "Unknown fault", "There is no such fault, or no stand-in runs"),
  ...problem(503, "Control unavailable", "The control at FAULTS_URL is unavailable"),
};
const LESSON = json("GivenLesson", "The lesson that is given, or was given last", { lesson: null });
const MYSTERY = json("Mystery", "The mystery", { mystery: null });
const INVALID_MOVE = problem(
  422,
  "Invalid request",
  "The body is not valid, or no fault can be hidden",
);
const NAME = z.object({
  name: z.string().min(1).describe("The name of a fault, as the list of all has it"),
});

/** Paths that `pass_through.ts` passes on unread: the control API defines their details. */
export const FAULT_PATHS: Operations = {
  "GET /api/faults": {
    operationId: "listFaults",
    summary: "List the faults",
    description: "All faults, with their parameters and current state.",
    responses: { 200: ALL, ...ANY },
  },
  "DELETE /api/faults": {
    operationId: "clearFaults",
    summary: "Clear all faults",
    description: "Mends everything.",
    responses: { 200: ALL, ...ANY },
  },
  "PUT /api/faults/{name}": {
    operationId: "setFault",
    summary: "Set a fault",
    description: "Sets the fault until it is cleared or its time is over.",
    parameters: NAME,
    requestBody: body("FaultSetting", { probability: 0.3, forMs: 60_000 }),
    responses: {
      200: ONE,
      ...ANY,
      ...problem(422, "Invalid setting", "The setting does not fit the fault"),
    },
  },
  "DELETE /api/faults/{name}": {
    operationId: "clearFault",
    summary: "Clear a fault",
    description: "Clears the fault, if it is set.",
    parameters: NAME,
    responses: { 200: ONE, ...ANY },
  },
};

/** The same for lessons and mysteries. */
export const LESSON_PATHS: Operations = {
  "GET /api/lessons": {
    operationId: "listLessons",
    summary: "List the lessons",
    description: "All lessons: what each breaks, what to look for, and what to conclude.",
    responses: { 200: json("LessonList", "All lessons", { lessons: [] }), ...ANY },
  },
  "GET /api/lessons/given": {
    operationId: "givenLesson",
    summary: "See how the lesson goes",
    description: "What has been seen so far, step by step, each with the row that shows it.",
    responses: { 200: LESSON, ...ANY },
  },
  "DELETE /api/lessons/given": {
    operationId: "stopLesson",
    summary: "Stop the lesson",
    description: "Stops it, and restores the faults.",
    responses: { 200: LESSON, ...ANY },
  },
  "PUT /api/lessons/{number}": {
    operationId: "giveLesson",
    summary: "Give a lesson",
    description:
      "Stops the lesson before, sets the faults of this one, sends its emails and watches.",
    parameters: z.object({
      number: z.int().min(1).describe("The number of a lesson, as the list of all has it"),
    }),
    requestBody: body("LessonRequest", {}),
    responses: {
      200: LESSON,
      ...ANY,
      ...problem(422, "Needs its own system", "The lesson cannot be given on this system"),
    },
  },
  "GET /api/mystery": {
    operationId: "readMystery",
    summary: "Read the mystery",
    description: "Its story, its score, what can be answered and, once it is over, the solution.",
    responses: { 200: MYSTERY, ...ANY },
  },
  "POST /api/mystery": {
    operationId: "beginMystery",
    summary: "Begin a mystery",
    description: "Hides a fault in place of the one before. The same seed hides the same fault.",
    requestBody: body("MysteryRequest", { seed: 7, difficulty: "easy" }),
    responses: { 200: MYSTERY, ...ANY, ...INVALID_MOVE },
  },
  "DELETE /api/mystery": {
    operationId: "giveUpMystery",
    summary: "Give up",
    description: "Ends the fault, and says what it was.",
    responses: { 200: MYSTERY, ...ANY },
  },
  "PUT /api/mystery/hint": {
    operationId: "takeHint",
    summary: "Take a hint",
    description: "Gives the next hint, for its cost.",
    requestBody: body("LessonRequest", {}),
    responses: { 200: MYSTERY, ...ANY, ...INVALID_MOVE },
  },
  "PUT /api/mystery/answer": {
    operationId: "answerMystery",
    summary: "Answer",
    description: "Grades an answer. A wrong one costs points.",
    requestBody: body("MysteryAnswer", { hop: "mailtrap", cause: "smtp.reply" }),
    responses: { 200: MYSTERY, ...ANY, ...INVALID_MOVE },
  },
};
