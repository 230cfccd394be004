import { sleep } from "@playground/shared/time";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { spanKey } from "@playground/shared/waterfall";
import type { FaultsClient } from "@playground/tasks/clients/faults";
import { postedEmail, type PostResult } from "@playground/tasks/clients/message-server";
import type { Fault } from "@playground/tasks/faults";
import { type CheckResult, type CheckSubject, readFailedPoll, runCheck } from "./checks.ts";
import { isToBeMended, type Lesson, type LessonSnapshot, missingIn } from "./lesson.ts";
import type { LessonSystem } from "./lesson_system.ts";

interface LessonOptions {
  readonly system: LessonSystem;
  readonly signal: AbortSignal;
  /** @default two polls, the first steps of the retry ladder, and a margin */
  readonly timeoutMs?: number;
  readonly onSent?: (answers: readonly PostResult[]) => void;
  readonly onProgress?: (spans: readonly ZipkinSpan[]) => void;
  readonly onMended?: () => void;
}

export interface LessonResult {
  readonly missing: readonly string[];
  readonly spans: readonly ZipkinSpan[];
  readonly checkResults: readonly CheckResult[];
  /** The answer to the email that is shown. */
  readonly answer?: PostResult | undefined;
  /** When the faults were on, in microseconds since 1970. */
  readonly faultTime: { readonly fromUs: number; readonly toUs: number };
  /** The faults that are on afterwards; absent when the stand-ins do not answer. */
  readonly stillOn?: readonly string[];
}

const TIMEOUT_MS = 60_000;
const INTERVAL_MS = 200;
/** A killed lesson cannot clear its faults: they end this long after its time limit. */
const FAULT_MARGIN_MS = 30_000;

/**
 * Gives a lesson: sets its faults, sends its emails, watches until the trace is as described, and always restores the earlier
 * faults.
 *
 * @throws {Error} If a fault cannot be set, or the stand-ins do not answer.
 */
export async function giveLesson(lesson: Lesson, options: LessonOptions): Promise<LessonResult> {
  const { system: { faults }, timeoutMs = TIMEOUT_MS } = options;
  const before = await faultsOf(lesson, faults);
  let seen: LessonResult;
  try {
    for (const { name, ...setting } of lesson.faults) {
      const answer = await faults.set(name, { ...setting, forMs: timeoutMs + FAULT_MARGIN_MS });
      if (answer.status === "ok") continue;
      throw new Error(`Cannot set ${name}: ${"reason" in answer ? answer.reason : "unknown"}`);
    }
    seen = await watch(lesson, options);
  } finally {
    await restore(before, faults);
  }
  const after = await faults.list();
  if (after.status !== "ok") return seen;
  const stillOn = after.value.filter(({ active }) => active !== null).map(({ name }) => name);
  return { ...seen, stillOn };
}

async function faultsOf(lesson: Lesson, faults: FaultsClient): Promise<readonly Fault[]> {
  const list = await faults.list();
  if (list.status !== "ok") {
    const reason = "reason" in list ? list.reason : "they have no faults";
    throw new Error(
      `Cannot give the lesson: the stand-ins do not list their faults: ${reason}; does its system still run?`,
    );
  }
  return list.value.filter(({ name }) => lesson.faults.some((fault) => fault.name === name));
}

/** Switches earlier faults on again for their remaining time, and the others off. */
async function restore(before: readonly Fault[], faults: FaultsClient): Promise<void> {
  await Promise.all(before.map(async ({ name, active }) => {
    const forMs = active?.endsAt ? Date.parse(active.endsAt) - Date.now() : undefined;
    if (active === null || (forMs !== undefined && forMs <= 0)) return await faults.clear(name);
    const { value, probability } = active;
    return await faults.set(name, { value: value ?? undefined, probability, forMs });
  }));
}

async function watch(lesson: Lesson, options: LessonOptions): Promise<LessonResult> {
  const { system, signal, timeoutMs = TIMEOUT_MS, onProgress = () => {} } = options;
  const subject: CheckSubject = {
    urls: system.urls,
    sender: `lesson-${crypto.randomUUID().slice(0, 8)}@example.com`,
    sinceMs: Date.now(),
  };
  const startedAt = performance.now();
  let mendedAtMs: number | undefined;
  const faultTime = () => ({
    fromUs: subject.sinceMs * 1000,
    toUs: (mendedAtMs ?? Date.now()) * 1000,
  });
  const stopped = Promise.withResolvers<undefined>();
  signal.addEventListener("abort", () => stopped.resolve(undefined), { once: true });
  // An answer may take as long as the broker's; a stop does not wait for it.
  const answers = await Promise.race([sendEmails(lesson, subject.sender, system), stopped.promise]);
  if (answers === undefined) {
    return { spans: [], missing: [], checkResults: [], faultTime: faultTime() };
  }
  options.onSent?.(answers);
  let shownCount = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    const view = await look(lesson, answers, subject, system, elapsedMs);
    const { spans, missing } = view;
    if (spans.length !== shownCount) onProgress(spans);
    shownCount = spans.length;
    // Its faults may keep the trace away, or its system has ended.
    if (view.state === undefined && !signal.aborted) await faultsOf(lesson, system.faults);
    const isOver = elapsedMs > timeoutMs || signal.aborted;
    if (missing.length === 0 || isOver) {
      const checkResults = signal.aborted ? [] : await runChecks(lesson, subject);
      const unproved = checkResults.filter(({ holds }) => !holds).map(({ text }) => text);
      if (unproved.length === 0 || isOver) {
        const { answer } = view;
        const all = [...missing, ...unproved];
        return { spans, answer, faultTime: faultTime(), checkResults, missing: all };
      }
    }
    if (mendedAtMs === undefined && isToBeMended(lesson, view)) {
      mendedAtMs = Date.now();
      // Without an answer, the system is gone, and so are its faults.
      await Promise.all(lesson.faults.map(({ name }) => system.faults.clear(name)));
      options.onMended?.();
    }
    await sleep(INTERVAL_MS, signal);
  }
}

interface View extends LessonSnapshot {
  readonly answer: PostResult;
  readonly missing: readonly string[];
}

/** Reads the traces of the emails; the view is the one closest to the description. */
async function look(
  lesson: Lesson,
  answers: readonly PostResult[],
  { urls, sinceMs }: CheckSubject,
  { client }: LessonSystem,
  elapsedMs: number,
): Promise<View> {
  const failedPoll = lesson.showsFailedPolls ? await readFailedPoll(urls.zipkin, sinceMs) : [];
  const views = await Promise.all(answers.map(async (answer): Promise<View> => {
    const email = postedEmail(answer);
    const trace = email && await client.readTrace(email.traceId, email.id);
    const { spans: own, state } = trace?.status === "found"
      ? trace
      : { spans: [], state: undefined };
    const known = new Set(own.map(spanKey));
    const spans = [...own, ...failedPoll.filter((span) => !known.has(spanKey(span)))];
    const snapshot = { spans, state, elapsedMs };
    return { ...snapshot, answer, missing: missingIn(lesson, snapshot) };
  }));
  return views.reduce((best, view) => view.missing.length < best.missing.length ? view : best);
}

function sendEmails(
  { number, title, emailCount = 1, headers = {} }: Lesson,
  sender: string,
  { client }: LessonSystem,
): Promise<readonly PostResult[]> {
  const document = {
    sender: { address: sender, display: "Lesson" },
    recipient: { address: "you@example.com" },
    subject: `Lesson ${number}`,
    body: `${title}\n`,
  };
  return Promise.all(Array.from({ length: emailCount }, () => client.postEmail(document, headers)));
}

async function runChecks(
  { checks = [] }: Lesson,
  subject: CheckSubject,
): Promise<readonly CheckResult[]> {
  return await Promise.all(checks.map(async (check) => {
    try {
      return await runCheck(check, subject);
    } catch (error) {
      return { holds: false, text: `${check.kind} cannot be checked: ${error}` };
    }
  }));
}
