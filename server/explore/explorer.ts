import type { CollectorUnavailable, EmailSummary, ZipkinApi } from "../trace_view/mod.ts";
import { CollectorIndex, type Progress } from "./collector_index.ts";
import { type EmailFilter, matcherOf } from "./filter.ts";
import type { CallFacts, EmailFacts } from "./trace_facts.ts";

/** All that is known, and what a filter leaves of it. */
export interface ExploreView {
  readonly status: "found";
  readonly allEmails: readonly EmailFacts[];
  /** The emails that match the filter, newest first. */
  readonly emails: readonly EmailFacts[];
  /** Those that match the filter but for the state. */
  readonly ofAnyState: readonly EmailFacts[];
  /** The calls of an email, those of the polls that handled it included. */
  readonly callsOf: (email: EmailFacts) => readonly CallFacts[];
  /** The calls that belong to no email's own trace. */
  readonly otherCalls: readonly CallFacts[];
  /** When the mail of an attempt was fetched, in microseconds since 1970. */
  readonly fetchedUs: (attemptKey: string) => number | undefined;
  readonly progress: Progress;
}

interface ExplorerOptions {
  readonly api: ZipkinApi;
  readonly traceUrl: (traceId: string) => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The known emails, or why none are. */
export type ExploredEmails =
  | {
    readonly status: "found";
    readonly emails: readonly EmailSummary[];
    readonly progress: Progress;
  }
  | CollectorUnavailable;

/** Answers questions about all emails that the collector holds. */
export class Explorer {
  readonly #options: ExplorerOptions;
  readonly #index: CollectorIndex;

  constructor(options: ExplorerOptions) {
    this.#options = options;
    this.#index = new CollectorIndex(options);
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#options.now();
  }

  /** The emails that match a filter, newest first. */
  async emails(filter: EmailFilter): Promise<ExploredEmails> {
    const view = await this.look(filter);
    return view.status === "found"
      ? { ...view, emails: view.emails.map((email) => this.summaryOf(email)) }
      : view;
  }

  summaryOf({ summary }: EmailFacts): EmailSummary {
    return { ...summary, traceUrl: this.#options.traceUrl(summary.traceId) };
  }

  async look(filter: EmailFilter): Promise<ExploreView | CollectorUnavailable> {
    const unavailable = await this.#index.refresh();
    if (unavailable !== undefined) return unavailable;
    const traces = [...this.#index.traces];
    const otherCalls = traces.flatMap(({ calls }) => calls);
    const polled = Map.groupBy(otherCalls, ({ originKey }) => originKey);
    polled.delete(undefined);
    const callsOf = ({ calls, attemptKeys }: EmailFacts) => [
      ...calls,
      ...attemptKeys.flatMap((key) => polled.get(key) ?? []),
    ];
    const allEmails = traces.flatMap(({ emails }) => emails).toSorted(byNewest);
    const ofAnyState = allEmails.filter(matcherOf({ ...filter, state: undefined }, callsOf));
    const states = new Set(filter.state);
    return {
      status: "found",
      allEmails,
      emails: ofAnyState.filter(({ summary }) =>
        states.size === 0 || states.has(summary.state.name)
      ),
      ofAnyState,
      callsOf,
      otherCalls,
      fetchedUs: (key) => polled.get(key)?.find(({ purpose }) => purpose === "fetch")?.startUs,
      progress: this.#index.progress,
    };
  }
}

/** Orders emails for a list: no two have the same place. */
export function byNewest(a: Place, b: Place): number {
  return b.startUs - a.startUs || (keyOf(a) < keyOf(b) ? -1 : 1);
}

/** What tells an email's place in a list. */
interface Place {
  readonly startUs: number;
  readonly summary: Pick<EmailSummary, "traceId" | "spanId" | "emailId">;
}

/** Identifies an email. */
export function keyOf({ summary: { traceId, spanId, emailId } }: Place): string {
  return [traceId, spanId ?? emailId ?? ""].join("/");
}
