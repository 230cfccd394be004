import type { ZipkinSpan } from "@playground/shared/tracing";
import { byTime } from "./email_state.ts";

/** The most spans of a trace that are read to find its emails: those of some thousand. */
const MAX_COUNT = 20_000;

/** Keeps the earliest and the latest spans of a trace of any length: they show an email's origin and state. */
export class SpanWindow {
  readonly #maxCount: number;
  #spans: ZipkinSpan[] = [];
  #omittedSpanCount = 0;

  constructor(maxCount = MAX_COUNT) {
    this.#maxCount = maxCount;
  }

  add(span: ZipkinSpan): void {
    this.#spans.push(span);
    if (this.#spans.length >= 2 * this.#maxCount) this.#shorten();
  }

  /** The kept spans, in order of arrival if none was dropped. */
  get spans(): readonly ZipkinSpan[] {
    this.#shorten();
    return this.#spans;
  }

  get omittedSpanCount(): number {
    this.#shorten();
    return this.#omittedSpanCount;
  }

  get shown() {
    return { spans: this.spans, omittedSpanCount: this.omittedSpanCount };
  }

  #shorten(): void {
    const excess = this.#spans.length - this.#maxCount;
    if (excess <= 0) return;
    this.#spans.sort(byTime);
    this.#spans.splice(Math.ceil(this.#maxCount / 2), excess);
    this.#omittedSpanCount += excess;
  }
}
