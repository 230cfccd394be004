import { stripVTControlCharacters } from "node:util";

const TEST_LINE = /^(?<name>\S.*) \.\.\. (?<result>ok|FAILED|ignored)\b/;
const ERRORS_LINE = /^\s*ERRORS\s*$/;
const SUMMARY_LINE =
  /^(?:ok|FAILED) \| (?<passed>\d+) passed.*? \| (?<failed>\d+) failed(?:.* (?<ignored>\d+) ignored)?/;
/** A test's name ends with the reason to ignore it. */
const REASON = /\((?<reason>[^()]*)\)$/;
/** Shown of a run that ended without a summary. */
const LAST_LINE_COUNT = 50;

/** Reads the output of `deno test` and keeps the essentials: whole failures, and figures for the rest. */
export class TestReport {
  readonly #print: (text: string) => void;
  readonly #onProgress: (testCount: number) => void;
  readonly #ignoredByReason = new Map<string, number>();
  #passedCount = 0;
  #failedCount = 0;
  #seenCount = 0;

  constructor(print: (text: string) => void, onProgress: (testCount: number) => void) {
    this.#print = print;
    this.#onProgress = onProgress;
  }

  async read(lines: AsyncIterable<string>): Promise<void> {
    let last: string[] = [];
    let hasErrors = false;
    for await (const line of lines) {
      const plain = stripVTControlCharacters(line);
      const summary = plain.match(SUMMARY_LINE)?.groups;
      if (summary !== undefined) {
        this.#passedCount += Number(summary.passed);
        this.#failedCount += Number(summary.failed);
        return;
      }
      hasErrors ||= ERRORS_LINE.test(plain);
      if (hasErrors) this.#print(line);
      else this.#count(plain);
      last = [...last.slice(1 - LAST_LINE_COUNT), line];
    }
    // A file that cannot be loaded, or a run that was killed.
    if (!hasErrors) last.forEach((line) => this.#print(line));
  }

  /** Ends with the line that CI reads. */
  printSummary(): void {
    const ignoredCount = [...this.#ignoredByReason.values()].reduce((sum, count) => sum + count, 0);
    for (const [reason, count] of this.#ignoredByReason) {
      this.#print(`${count} ignored: ${reason}`);
    }
    this.#print(
      `${this.#passedCount} passed, ${this.#failedCount} failed, ${ignoredCount} skipped`,
    );
  }

  #count(line: string): void {
    const test = line.match(TEST_LINE)?.groups;
    if (test === undefined) return;
    this.#onProgress(++this.#seenCount);
    if (test.result !== "ignored") return;
    const reason = test.name?.match(REASON)?.groups?.reason ?? "no reason given";
    this.#ignoredByReason.set(reason, (this.#ignoredByReason.get(reason) ?? 0) + 1);
  }
}
