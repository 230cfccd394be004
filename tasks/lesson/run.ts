import { sleep } from "@playground/shared/time";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { toSpanRows } from "@playground/shared/waterfall";
import type { Fault } from "@playground/tasks/faults";
import type { PostResult, TraceResult } from "@playground/tasks/clients/message-server";
import type { FaultsClient } from "@playground/tasks/clients/faults";
import { readFailedPoll } from "./failed_polls.ts";
import type { Lesson, LessonSnapshot } from "./lesson.ts";
import { type CheckResult, runCheck } from "./checks.ts";
import { missingIn } from "./expected_spans.ts";
import type { LessonSystem } from "./lesson_system.ts";

/** How a lesson is given. */
export interface LessonOptions {
  /** The system. */
  readonly system: LessonSystem;
  /** Ends the lesson early. */
  readonly signal: AbortSignal;
  /** How long to wait for what is described. */
  readonly timeoutMs: number;
  /** Called when the emails were answered. */
  readonly onSent?: (answers: readonly PostResult[]) => void;
  /** Called whenever the trace of the first email has grown. */
  readonly onProgress?: (spans: readonly ZipkinSpan[]) => void;
}

/** What came of a lesson. */
export interface LessonResult {
  /** What was not as described; none when all was. */
  readonly missing: readonly string[];
  /** The spans of the picture. */
  readonly spans: readonly ZipkinSpan[];
  /** What was found out beside the trace. */
  readonly checkResults: readonly CheckResult[];
  /** The faults that are on after it; absent when the stand-ins do not tell. */
  readonly stillOn?: readonly string[];
}

/** What was seen, before anything is mended. */
type Seen = Omit<LessonResult, "stillOn">;

/** Spans arrive about twice a second. */
const INTERVAL_MS = 200;
/** A lesson that is killed cannot mend: so long after its time limit what it broke ends by itself. */
const FAULT_MARGIN_MS = 30_000;

/**
 * Gives a lesson: sets its faults, sends its emails, watches until the trace is as described, and puts its faults back to what they
 * were before, whatever happens.
 *
 * @throws {Error} If a fault cannot be set, or the stand-ins do not tell how it was before.
 */
export async function giveLesson(lesson: Lesson, options: LessonOptions): Promise<LessonResult> {
  const { system: { faults }, timeoutMs } = options;
  const before = await faultsBefore(lesson, faults);
  let seen: Seen;
  try {
    const forMs = timeoutMs + FAULT_MARGIN_MS;
    for (const { name, value } of lesson.faults) {
      const answer = await faults.set(name, { value, forMs });
      if (answer.status === "ok") continue;
      throw new Error(`Cannot set ${name}: ${"reason" in answer ? answer.reason : "unknown"}`);
    }
    seen = await watch(lesson, options);
  } finally {
    await restore(before, faults);
  }
  const after = await faults.list();
  return after.status === "ok" ? { ...seen, stillOn: after.value.filter(isOn).map(nameOf) } : seen;
}

/** How the faults of a lesson are before it. */
async function faultsBefore(lesson: Lesson, faults: FaultsClient): Promise<readonly Fault[]> {
  const list = await faults.list();
  if (list.status !== "ok") {
    const reason = "reason" in list ? list.reason : "they have no faults";
    throw new Error(`Cannot give the lesson: the stand-ins do not tell their faults: ${reason}`);
  }
  const names = new Set<string>(lesson.faults.map(nameOf));
  return list.value.filter(({ name }) => names.has(name));
}

/** Switches faults on again that were on, with the time that they have left; the others off. */
async function restore(before: readonly Fault[], faults: FaultsClient): Promise<void> {
  await Promise.all(before.map(async ({ name, active }) => {
    const forMs = active?.endsAt === null || active === null
      ? undefined
      : Date.parse(active.endsAt) - Date.now();
    if (active === null || (forMs !== undefined && forMs <= 0)) return await faults.clear(name);
    const { value, probability } = active;
    return await faults.set(name, { value: value ?? undefined, probability, forMs });
  }));
}

function isOn({ active }: Fault): boolean {
  return active !== null;
}

function nameOf<Name extends string>({ name }: { readonly name: Name }): Name {
  return name;
}

/** The system may have gone, and its faults with it: no answer is as good as one. */
async function mend(lesson: Lesson, { faults }: LessonSystem): Promise<void> {
  await Promise.all(lesson.faults.map(({ name }) => faults.clear(name)));
}

async function watch(lesson: Lesson, options: LessonOptions): Promise<Seen> {
  const { system, signal, timeoutMs, onProgress = () => {} } = options;
  const subject = {
    urls: system.urls,
    sender: `lesson-${crypto.randomUUID().slice(0, 8)}@example.com`,
    sinceMs: Date.now(),
  };
  const startedAt = performance.now();
  const answers = await sendEmails(lesson, subject.sender, system);
  options.onSent?.(answers);
  const questions = answers.map(questionOf).filter((question) => question !== undefined);
  let isMended = false;
  let shownCount = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    const failedPoll = lesson.showsFailedPolls
      ? await readFailedPoll(system.urls.zipkin, subject.sinceMs)
      : [];
    const views = await Promise.all(questions.map(async (question) => {
      const trace = await system.client.readTrace(...question);
      return lookAt(lesson, trace, failedPoll, elapsedMs);
    }));
    const best = views.toSorted((a, b) => a.missing.length - b.missing.length)[0] ??
      lookAt(lesson, NOTHING, failedPoll, elapsedMs);
    if (best.spans.length !== shownCount) onProgress(best.spans);
    shownCount = best.spans.length;
    const isOver = elapsedMs > timeoutMs || signal.aborted;
    if (best.missing.length === 0 || isOver) {
      const checkResults = signal.aborted ? [] : await runChecks(lesson, subject);
      const unproved = checkResults.filter(({ holds }) => !holds).map(({ text }) => text);
      if (unproved.length === 0 || isOver) {
        const { spans, missing } = best;
        return { spans, checkResults, missing: [...missing, ...unproved] };
      }
    }
    if (!isMended && lesson.mendedWhen?.(best.snapshot)) {
      isMended = true;
      await mend(lesson, system);
    }
    await sleep(INTERVAL_MS, signal);
  }
}

const NOTHING: TraceResult = { status: "unknown" };

function lookAt(
  lesson: Lesson,
  trace: TraceResult,
  failedPoll: readonly ZipkinSpan[],
  elapsedMs: number,
) {
  const own = trace.status === "found" ? trace.spans : [];
  const known = new Set(own.map(({ traceId, id }) => `${traceId}/${id}`));
  const others = failedPoll.filter(({ traceId, id }) => !known.has(`${traceId}/${id}`));
  const spans = [...own, ...others];
  const snapshot: LessonSnapshot = {
    rows: toSpanRows(spans),
    state: trace.status === "found" ? trace.state : undefined,
    elapsedMs,
  };
  return { spans, snapshot, missing: missingIn(lesson, snapshot) };
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

/** What the message server is asked to learn what became of an email. */
function questionOf(
  answer: PostResult,
): readonly [traceId: string, emailId?: string] | undefined {
  switch (answer.status) {
    case "accepted":
      return [answer.email.traceId, answer.email.id];
    case "refused":
      return answer.traceId === undefined ? undefined : [answer.traceId, answer.spanId];
    case "unreachable":
      return undefined;
  }
}

async function runChecks(
  { checks = [] }: Lesson,
  subject: Parameters<typeof runCheck>[1],
): Promise<readonly CheckResult[]> {
  return await Promise.all(checks.map(async (check) => {
    try {
      return await runCheck(check, subject);
    } catch (error) {
      return { holds: false, text: `${check.kind} cannot be checked: ${error}` };
    }
  }));
}
