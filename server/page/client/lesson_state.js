/**
 * The lessons of the control server: the list, the one that is given, and the step that is selected.
 *
 * @import { Signal } from "@preact/signals"
 * @import { Answer, GivenLesson, Lesson } from "./types.ts"
 */
import { computed, effect, signal } from "@preact/signals";
import { json } from "./api.js";
import { hashOf } from "./email_list.js";
import { api, repeat } from "./message_server.js";
import { parameters, SETTINGS, view } from "./state.js";
import { kept } from "./storage.js";

const REFRESH_MS = 1_000;
const DONE_KEY = "lessons-done";

/** All of them; `undefined` before the answer. @type {Signal<readonly Lesson[] | undefined>} */
export const lessons = signal();

/** The lesson that is given, or was given last. @type {Signal<GivenLesson | null>} */
const given = signal(null);

/** Why nothing is known of the lessons. */
const silence = signal("");

/** Why a lesson could not be started or stopped: it stays beside that lesson. @type {Signal<{ number?: number | undefined, detail: string }>} */
const refusal = signal({ detail: "" });

/** Another program at this address may have kept something else. */
const readDone = () => kept.getItem(DONE_KEY)?.match(/\d+/g)?.map(Number) ?? [];

/** The numbers of the completed lessons. @type {Signal<ReadonlySet<number>>} */
export const done = signal(new Set(readDone()));

/** The lesson that the address names. */
export const chosenLesson = computed(() => {
  const number = view.value === "lessons" ? Number(parameters.value.get("lesson")) : 0;
  return lessons.value?.find((lesson) => lesson.number === number);
});

/** What is wrong, in words. */
export const complaint = computed(() => {
  const { number, detail } = refusal.value;
  return (number === chosenLesson.value?.number && detail) || silence.value;
});

/** The progress of the lesson in the address; `undefined` if another one is given. */
export const shownLesson = computed(() =>
  given.value?.number === chosenLesson.value?.number ? given.value ?? undefined : undefined
);

/** The selected step, from 0. */
export const stepIndex = signal(0);

/** The numbers of the steps by the row that shows them. */
export const stepsByRow = computed(() =>
  new Map(
    shownLesson.value?.steps.flatMap(({ rowKey }, index) =>
      rowKey === undefined ? [] : [[rowKey, index]]
    ),
  )
);

/** Starts to follow the lesson while the view is shown. */
export function startLessons() {
  if (!SETTINGS.hasFaults) return;
  effect(() => view.value === "lessons" ? repeat(refresh, REFRESH_MS) : undefined);
}

async function refresh() {
  if (lessons.peek() === undefined) {
    /** @type {Answer<{ lessons: readonly Lesson[] }>} */
    const answer = await api.call("/api/lessons");
    if (answer.ok) lessons.value = answer.body.lessons;
  }
  silence.value = take(await api.call("/api/lessons/given"));
}

/** Returns what is wrong. @param {Answer<{ lesson: GivenLesson | null }>} answer */
function take(answer) {
  if (!answer.ok) return answer.problem.detail;
  const before = given.value;
  given.value = answer.body.lesson;
  const lesson = shownLesson.value;
  if (lesson !== undefined) follow(lesson, before);
  return "";
}

/** @param {GivenLesson} lesson @param {GivenLesson | null} before */
function follow(lesson, before) {
  if (before?.number !== lesson.number) stepIndex.value = 0;
  if (lesson.state === "seen" && !done.value.has(lesson.number)) {
    // Another tab may have added some.
    done.value = new Set([...readDone(), ...done.value, lesson.number]);
    kept.setItem(DONE_KEY, JSON.stringify([...done.value]));
  }
  // The email of the lesson is the one that is shown, and the address names it.
  const { email } = lesson;
  if (email === undefined || parameters.value.get("trace") === email.traceId) return;
  location.replace(`#view=lessons&lesson=${lesson.number}&${hashOf(email).slice(1)}`);
}

export async function startLesson() {
  stepIndex.value = 0;
  await change(`/api/lessons/${chosenLesson.value?.number}`, "PUT");
}

/** Ends the lesson, and mends what it broke. */
export async function stopLesson() {
  await change("/api/lessons/given", "DELETE");
}

/** @param {string} path @param {string} method */
async function change(path, method) {
  const number = chosenLesson.value?.number;
  refusal.value = { number, detail: take(await api.call(path, json(method))) };
}
