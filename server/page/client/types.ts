/**
 * The parts of the message server's answers that the page reads. The script is plain JavaScript whose doc comments use these
 * types; a test compares them with the server's types.
 *
 * @module
 */

/** Where an email is on its way. `accepted` is the page's own: the server accepted it, and no span has arrived yet. */
export type EmailState =
  | { readonly name: "accepted" }
  | { readonly name: "queued" }
  | { readonly name: "sending"; readonly attempt: number }
  | {
    readonly name: "retrying";
    readonly attempt: number;
    readonly maxAttempts?: number | undefined;
    readonly nextAttemptAt?: string | undefined;
    readonly reason: string;
  }
  | { readonly name: "delivered"; readonly followed: boolean }
  | { readonly name: "archived" }
  | { readonly name: "dead-lettered"; readonly reason: string; readonly dropped?: true | undefined }
  | { readonly name: "refused"; readonly reason: string };

/** What the address names: a trace, or an email of it by its id or by the id of its request's span. */
export interface Chosen {
  readonly traceId: string;
  readonly emailId?: string | undefined;
  readonly spanId?: string | undefined;
}

/** One of the recent emails, or of those of a trace. */
export interface EmailSummary extends Chosen {
  readonly scheduledAt: string;
  readonly synthetic: boolean;
  readonly state: EmailState;
  readonly recipientDomain?: string | undefined;
  readonly archivedAfterMs?: number | undefined;
  /** This and the next two are absent in one that was just sent from here. */
  readonly durationMs?: number | undefined;
  readonly attempts?: readonly ("failed" | "done" | "open")[] | undefined;
  readonly spanCount?: number | undefined;
  readonly reason?: string | undefined;
  readonly traceUrl?: string | undefined;
}

/** How much of the collector the message server has read. */
export interface ReadProgress {
  /** Traces. */
  readonly readCount: number;
  readonly isComplete: boolean;
  readonly asOfMs?: number | undefined;
}

export interface FoundEmails {
  readonly emails: readonly EmailSummary[];
  readonly matchCount: number;
  /** Of the emails that match but for their state. */
  readonly stateCounts: Readonly<Record<string, number>>;
  readonly nextCursor?: string | undefined;
  readonly progress: ReadProgress;
}

/** Emails in columns, newest first. */
export interface EmailPoints {
  readonly startMs: readonly number[];
  readonly durationMs: readonly number[];
  readonly state: readonly string[];
  readonly attemptCount: readonly number[];
  readonly traceId: readonly string[];
  readonly emailId: readonly (string | null)[];
}

/** A stretch of time, in microseconds from the start of the picture. */
export interface Interval {
  readonly fromUs: number;
  readonly toUs: number;
}

export interface Row {
  readonly key: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string | undefined;
  readonly depth: number;
  readonly name: string;
  readonly services: readonly string[];
  readonly kinds: readonly string[];
  readonly fromUs: number;
  readonly durationUs: number | null;
  readonly ownUs: number;
  readonly segments: readonly (Interval & { readonly kind: "own" | "child" | "wait" })[];
  readonly wait?: Interval & { readonly place: string; readonly text: string } | undefined;
  readonly error?: string | undefined;
  readonly says?: string | undefined;
  readonly missingParent?: string | undefined;
  readonly correction?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly link?:
    | {
      readonly text: string;
      readonly traceId: string;
      readonly rowKey?: string | undefined;
    }
    | undefined;
  readonly attempt?: number | undefined;
  readonly logs: readonly {
    readonly atUs: number;
    readonly level?: string | undefined;
    readonly text: string;
  }[];
}

/** Moments and their places, from 0 to 1; between two of them time passes evenly. */
export interface TimeAxis {
  readonly points: readonly (readonly [us: number, place: number])[];
  readonly cuts: readonly (Interval & { readonly label: string })[];
  readonly ticksUs: Readonly<Record<"narrow" | "medium" | "wide", readonly number[]>>;
}

export interface Picture {
  readonly totalUs: number;
  readonly trueAxis: TimeAxis;
  readonly compressedAxis?: TimeAxis | undefined;
  readonly criticalPath: readonly (Interval & { readonly rowKey: string })[];
  readonly timeSpent: readonly {
    readonly us: number;
    readonly service: string;
    readonly what: string;
    readonly isWait: boolean;
  }[];
}

export type Progress = "idle" | "active" | "done" | "failed";

export interface DiagramNode {
  readonly id: string;
  readonly state: Progress;
}

export interface DiagramEdge {
  readonly id: string;
  readonly state: Progress;
  readonly durationUs?: number | undefined;
  readonly waiting: boolean;
  readonly waitingSince?: string | undefined;
  readonly attemptCount: number;
  readonly error?: string | undefined;
  readonly rowKeys: readonly string[];
}

export interface Diagram {
  readonly nodes: readonly DiagramNode[];
  readonly edges: readonly DiagramEdge[];
}

/** A trace, with the journey of an email if it has one. */
export interface EmailTrace {
  readonly traceId: string;
  readonly traceUrl?: string | undefined;
  readonly emailId?: string | undefined;
  readonly state?: EmailState | undefined;
  readonly rows: readonly Row[];
  /** Absent while only the server's 202 is known. */
  readonly picture?: Picture | undefined;
  /** In Zipkin's form; absent from the example. */
  readonly spans?: readonly unknown[] | undefined;
  readonly omittedSpanCount?: number | undefined;
  readonly diagram?: Diagram | undefined;
  readonly mail?: { readonly documentId: string } | undefined;
  readonly claimedMail?: { readonly documentId: string } | undefined;
  readonly emails: readonly EmailSummary[];
  readonly omittedEmailCount?: number | undefined;
}

/** A trace with the journey of an email. */
export interface Journeyed extends EmailTrace {
  readonly state: EmailState;
  readonly diagram: Diagram;
}

/** Two traces side by side, told from the left one. */
export interface TraceComparison extends Pick<Picture, "totalUs" | "trueAxis" | "compressedAxis"> {
  readonly left: EmailTrace;
  readonly right: EmailTrace;
  readonly summary: string;
  readonly differences: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly depth: number;
    readonly status: "new" | "missing" | "slower" | "faster" | "same";
    readonly difference: string;
    readonly leftKey?: string | undefined;
    readonly rightKey?: string | undefined;
  }[];
  readonly shares: readonly {
    readonly service: string;
    readonly what: string;
    readonly isWait: boolean;
    readonly leftUs: number;
    readonly rightUs: number;
  }[];
}

export type CollectorStatus =
  | { readonly status: "available" }
  | { readonly status: "unavailable"; readonly reason: string };

/** A name with an address, as an archived mail has it. */
export interface Party {
  readonly address: string;
  readonly name: string;
}

export interface ArchivedMail {
  readonly documentId: string;
  readonly messageId?: string | undefined;
  readonly from?: Party | undefined;
  readonly authors?: readonly Party[] | undefined;
  readonly to?: readonly Party[] | undefined;
  readonly subject?: string | undefined;
  readonly date?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments: readonly {
    readonly name?: string | undefined;
    readonly type: string;
    readonly sizeBytes: number;
  }[];
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly sizeBytes: number;
  readonly storedAt: string;
  readonly deliveries: readonly unknown[];
}

/** The parameter of a fault. */
export type FaultParameter =
  | { readonly type: "choice"; readonly choices: readonly string[]; readonly default: string }
  | {
    readonly type: "integer";
    readonly unit: string;
    readonly minimum: number;
    readonly maximum: number;
    readonly default: number;
  };

export interface Fault {
  readonly name: string;
  readonly part: string;
  readonly title: string;
  readonly explanation: string;
  readonly parameter: FaultParameter | null;
  readonly lesson: number | null;
  readonly active: {
    readonly value: string | null;
    readonly probability: number;
    readonly endsAt: string | null;
    readonly hitCount: number;
  } | null;
}

/** A lesson, as the control server lists it. */
export interface Lesson {
  readonly number: number;
  readonly title: string;
  readonly introduction: string;
  readonly conclusion: string;
  readonly faults: readonly { readonly name: string }[];
  readonly ownSystemBecause?: string;
}

/** How a lesson goes. */
export interface GivenLesson {
  readonly number: number;
  readonly state: "running" | "seen" | "not-seen" | "stopped" | "failed";
  readonly isMended: boolean;
  readonly email?: Chosen;
  readonly steps: readonly {
    readonly name: string;
    readonly explanation: string;
    readonly rowKey?: string;
  }[];
  readonly checks: readonly { readonly text: string }[];
  readonly missing: readonly string[];
}

/** A mystery, as the control server tells it. */
export interface MysteryView {
  readonly state: "open" | "solved" | "given-up" | "ended";
  readonly seed: number;
  readonly difficulty: string;
  readonly story: string;
  readonly score: number;
  readonly hops: readonly {
    readonly id: string;
    readonly label: string;
    readonly causes: readonly { readonly id: string; readonly text: string }[];
  }[];
  readonly hints: readonly string[];
  readonly nextHintCost?: number;
  readonly verdict?: string;
  readonly solution?: {
    readonly hop: string;
    readonly fault: string;
    readonly title: string;
    readonly proof: string;
    readonly section: string;
  };
}

/** An error answer (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly traceId?: string | undefined;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[] | undefined;
}

/** The result of a request, or why it failed. */
export type Answer<Body> =
  | { readonly ok: true; readonly body: Body; readonly headers: Headers }
  | { readonly ok: false; readonly problem: Problem };

export interface DeadLetterList {
  /** Each with its oldest emails, the oldest first. */
  readonly reasons: readonly {
    readonly reason: string;
    readonly count: number;
    readonly emails: readonly EmailSummary[];
  }[];
  /** Absent while RabbitMQ cannot be asked. */
  readonly queueCount?: number | undefined;
  readonly untracedCount?: number | undefined;
  /** How much of the collector has been read. */
  readonly progress: { readonly isComplete: boolean };
}

export interface DeadLetterResult {
  readonly emailId: string;
  readonly status: "requeued" | "dropped" | "gone" | "failed";
  readonly reason?: string | undefined;
}

/** The calls from one service to another. */
export interface MapEdge {
  readonly from: string;
  readonly to: string;
  readonly callCount: number;
  readonly errorCount: number;
  readonly p50Us: number | null;
  readonly p95Us: number | null;
}

export interface ServiceMapAnswer {
  readonly nodes: readonly { readonly id: string; readonly label: string }[];
  readonly edges: readonly MapEdge[];
}

/** What happened in each step; null where nothing did. */
export interface ChartsAnswer {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly accepted: readonly number[];
  readonly retries: readonly number[];
  readonly hops: readonly {
    readonly id: string;
    readonly label: string;
    readonly p50Us: readonly (number | null)[];
    readonly p95Us: readonly (number | null)[];
    readonly p99Us: readonly (number | null)[];
  }[];
}

export interface QueueList {
  readonly queues: readonly { readonly name: string; readonly messageCount: number }[];
  readonly deadLetterCount: number;
  readonly retryCount: number;
}
