import type { CollectorUnavailable, EmailSummary } from "../trace_view/mod.ts";
import type { Progress } from "./answers.ts";
import { CollectorIndex, type CollectorIndexOptions } from "./collector_index.ts";
import { type EmailFilter, matcherOf } from "./filter.ts";
import { joinParts } from "./join_parts.ts";
import type { CallFacts, EmailFacts, TraceFacts } from "./trace_facts.ts";

type Knowledge = ReturnType<typeof arrange>;

/** All known emails, and those that match a filter. */
export interface ExploreView extends Knowledge {
  readonly status: "found";
  /** The emails that match the filter, the newest first. */
  readonly emails: readonly EmailFacts[];
  /** The emails that match the filter without its states. */
  readonly ofAnyState: readonly EmailFacts[];
  readonly progress: Progress;
}

/** The known emails that match, the newest first, or why none are known. */
export type ExploredEmails =
  | {
    readonly status: "found";
    readonly emails: readonly EmailSummary[];
    readonly progress: Progress;
  }
  | CollectorUnavailable;

interface ExplorerOptions extends CollectorIndexOptions {
  readonly traceUrl: (traceId: string) => string | undefined;
}

/** Answers questions about all emails that the collector holds. */
export class Explorer {
  readonly #options: ExplorerOptions;
  readonly #index: CollectorIndex;
  #lastTurn = Promise.resolve();
  #knowledge: { readonly version: number; readonly knowledge: Knowledge } | undefined;

  constructor(options: ExplorerOptions) {
    this.#options = options;
    this.#index = new CollectorIndex(options);
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#options.now();
  }

  async emails(filter: EmailFilter = {}): Promise<ExploredEmails> {
    const view = await this.look(filter);
    if (view.status !== "found") return view;
    const emails = view.emails.map((email) => this.summaryOf(email));
    return { status: "found", emails, progress: view.progress };
  }

  summaryOf({ summary }: EmailFacts): EmailSummary {
    return { ...summary, traceUrl: this.#options.traceUrl(summary.traceId) };
  }

  /** Many pages may ask at once: other work runs before each view. */
  #turn(): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(() => new Promise((resolve) => setTimeout(resolve)));
    return this.#lastTurn;
  }

  /** The known emails that match; waits only a moment for new ones. */
  async look(filter: EmailFilter): Promise<ExploreView | CollectorUnavailable> {
    const unavailable = await this.#index.refresh();
    if (unavailable !== undefined) return unavailable;
    await this.#turn();
    const { version, progress } = this.#index;
    if (this.#knowledge?.version !== version) {
      this.#knowledge = { version, knowledge: arrange(this.#index.traces) };
    }
    const { knowledge } = this.#knowledge;
    const ofAnyState = knowledge.allEmails.filter(matcherOf(filter, knowledge.callsOf));
    const states = new Set(filter.state);
    return {
      ...knowledge,
      status: "found",
      emails: states.size === 0
        ? ofAnyState
        : ofAnyState.filter(({ summary }) => states.has(summary.state.name)),
      ofAnyState,
      progress: { ...progress, oldestMs: knowledge.oldestMs },
    };
  }
}

/** Arranges the known traces; the newest email comes first. */
function arrange(traces: readonly TraceFacts[]) {
  const otherCalls = traces.flatMap(({ calls }) => calls);
  const polled = Map.groupBy(otherCalls, ({ originKey }) => originKey);
  polled.delete(undefined);
  const allEmails = joinParts(traces.flatMap(({ emails }) => emails)).toSorted(byNewest);
  const calls = new Map(allEmails.map((email) => [
    email,
    [...email.calls, ...email.attemptKeys.flatMap((key) => polled.get(key) ?? [])],
  ]));
  const oldestUs = traces.at(-1)?.startUs;
  return {
    allEmails,
    /** The calls that belong to no email of their trace: those of polls and of other services. */
    otherCalls,
    /** The calls for an email, those of the polls that handled it included. */
    callsOf: (email: EmailFacts): readonly CallFacts[] => calls.get(email) ?? [],
    oldestMs: oldestUs === undefined ? undefined : Math.floor(oldestUs / 1_000),
  };
}

interface Place {
  readonly startUs: number;
  readonly summary: Pick<EmailSummary, "traceId" | "spanId" | "emailId">;
}

/** Orders emails for a list: no two have the same place. */
export function byNewest(a: Place, b: Place): number {
  if (a.startUs !== b.startUs) return b.startUs - a.startUs;
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : Number(left > right);
}

export function keyOf({ summary: { traceId, spanId, emailId } }: Place): string {
  return [traceId, spanId ?? emailId ?? ""].join("/");
}
