import { failureReason } from "@playground/shared/http";
import { spanKey, type ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { postedEmail, type PostResult } from "@playground/tasks/clients/message-server";
import type { CheckResult } from "./checks.ts";
import { type Lesson, seenOf } from "./lesson.ts";
import type { LessonSystem, Suitability } from "./lesson_system.ts";

/** A lesson that is given or was given, as the page shows it. */
export interface GivenLesson {
  readonly number: number;
  readonly state: "running" | "seen" | "not-seen" | "stopped" | "failed";
  readonly isMended: boolean;
  /** The email that is shown; absent until one has a trace. */
  readonly email?: { readonly traceId: string; readonly emailId?: string | undefined };
  /** The expected rows, in the order of the picture, each with its key once it is there. */
  readonly steps: ReturnType<typeof stepsOf>;
  readonly checks: readonly CheckResult[];
  /** What differs from the description, once the lesson is over; for `failed`, why it failed. */
  readonly missing: readonly string[];
}

/** Gives lessons on the running system, one at a time. */
export class Classroom {
  readonly #findSystem: (lesson: Lesson) => Promise<Suitability>;
  #given: GivenLesson | undefined;
  #stop = new AbortController();
  /** Resolves when the last lesson has restored the faults. */
  #isOver: Promise<void> = Promise.resolve();

  /** Its function finds the running system, or why it does not suit the lesson. */
  constructor(findSystem: (lesson: Lesson) => Promise<Suitability>) {
    this.#findSystem = findSystem;
  }

  get given(): GivenLesson | undefined {
    return this.#given;
  }

  /** Stops the lesson before, and starts this one. Returns why it cannot. */
  async start(lesson: Lesson): Promise<string | undefined> {
    const found = await this.#findSystem(lesson);
    if (!found.suits) return found.reason;
    this.#stop.abort();
    const stop = this.#stop = new AbortController();
    this.#given = {
      number: lesson.number,
      state: "running",
      isMended: lesson.faults.length === 0,
      steps: stepsOf(lesson, []),
      checks: [],
      missing: [],
    };
    this.#isOver = this.#isOver.then(() => this.#give(lesson, found.system, stop));
    return undefined;
  }

  /** Stops the lesson; resolves when the faults are as they were before. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#isOver;
  }

  async #give(lesson: Lesson, system: LessonSystem, { signal }: AbortController): Promise<void> {
    const update = (news: Partial<GivenLesson>) => {
      // The next lesson may have begun.
      if (this.#given !== undefined && this.#stop.signal === signal) {
        this.#given = { ...this.#given, ...news };
      }
    };
    // The lesson was stopped before it began.
    if (signal.aborted) return update({ state: "stopped", isMended: true });
    let answers: readonly PostResult[] = [];
    try {
      // The database's driver is large, and few people take a lesson.
      const { giveLesson } = await import("./run.ts");
      const { missing, checkResults } = await giveLesson(lesson, {
        system,
        signal,
        onSent: (sent) => {
          answers = sent;
          update({ email: emailAmong(answers, undefined) });
        },
        onProgress: (spans) => {
          const email = emailAmong(answers, spans[0]?.traceId);
          update({ email, steps: stepsOf(lesson, spans) });
        },
        onMended: () => update({ isMended: true }),
      });
      const state = signal.aborted ? "stopped" : missing.length === 0 ? "seen" : "not-seen";
      update({ state, missing, checks: checkResults, isMended: true });
    } catch (error) {
      update({ state: "failed", missing: [failureReason(error)], isMended: true });
    }
  }
}

function stepsOf(lesson: Lesson, spans: readonly ZipkinSpan[]) {
  return seenOf(lesson, spans).map(({ expected: { name, explanation }, found: [first] }) => ({
    name,
    explanation,
    rowKey: first && spanKey(first),
  }));
}

function emailAmong(
  answers: readonly PostResult[],
  shownTraceId: string | undefined,
): GivenLesson["email"] {
  const emails = answers.flatMap((answer) => postedEmail(answer) ?? []);
  const shown = emails.find(({ traceId }) => traceId === shownTraceId) ?? emails[0];
  return shown && { traceId: shown.traceId, emailId: shown.id };
}
