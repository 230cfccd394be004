/**
 * Types for the doc comments of the page's script, which is plain JavaScript: those of the message server, what the page adds to
 * them, and those of the control server, which `tests/system/page_test.ts` compares with the control server's own.
 *
 * @module
 */
import type { z } from "zod";
import type { deadLetterList, deadLetterResults } from "../../dead_letters/dead_letters_route.ts";
import type {
  exploredCharts,
  exploredEmails,
  exploredMap,
  exploredPoints,
} from "../../explore/answers.ts";
import type * as server from "../../trace_view/mod.ts";

export type { CollectorStatus } from "../../live/mod.ts";
export type { ArchivedMail } from "@playground/shared/email";
export type { Picture, TraceComparison, TraceRow as Row } from "../../trace_view/mod.ts";

export type ChartsAnswer = z.output<typeof exploredCharts>;
export type DeadLetterList = z.output<typeof deadLetterList>;
export type DeadLetterResult = z.output<typeof deadLetterResults>["results"][number];
export type EmailPoints = z.output<typeof exploredPoints>["points"];
export type FoundEmails = z.output<typeof exploredEmails>;
export type ServiceMapAnswer = z.output<typeof exploredMap>;
export type MapEdge = ServiceMapAnswer["edges"][number];
export type TimeAxis = server.Picture["trueAxis"];

/** What the address names: a trace, or an email of it by its id or by the id of its request's span. */
export interface Chosen {
  readonly traceId: string;
  readonly emailId?: string | undefined;
  readonly spanId?: string | undefined;
}

/** Where an email is on its way. `accepted` is the page's own: the server accepted it, and no span has arrived yet. */
export type EmailState = server.EmailState | { readonly name: "accepted" };

/** One of the recent emails, or of those of a trace. */
export interface EmailSummary extends Omit<server.EmailSummary, "state"> {
  readonly state: EmailState;
}

type ServerDiagram = NonNullable<server.EmailTrace["diagram"]>;

export type DiagramEdge = Omit<ServerDiagram["edges"][number], "from" | "to" | "label">;
export type Progress = DiagramEdge["state"];

/** Of the server's, what the page makes itself for a moment of the past. */
export interface Diagram {
  readonly nodes: readonly Omit<ServerDiagram["nodes"][number], "label">[];
  readonly edges: readonly DiagramEdge[];
}

type OwnMembers = "state" | "picture" | "spans" | "diagram" | "emails";

/** A trace, with the journey of an email if it has one. */
export interface EmailTrace extends Omit<server.EmailTrace, OwnMembers> {
  readonly state?: EmailState | undefined;
  /** Absent while only the server's 202 is known. */
  readonly picture?: server.Picture | undefined;
  /** In Zipkin's form; absent from the example. */
  readonly spans?: readonly unknown[] | undefined;
  readonly diagram?: Diagram | undefined;
  readonly emails: readonly EmailSummary[];
}

/** The settings that the page's shell hands to the script. */
export interface Settings {
  /** The message server's version. */
  readonly version: string;
  readonly hasFaults: boolean;
  /** The greatest lengths of the email's fields, by their JSON Pointers. */
  readonly maxLengths: Readonly<Record<string, number | undefined>>;
  /** The meanings of the spans' tags, and whether a tag repeats another one under OpenTelemetry's name. */
  readonly tags: Readonly<
    Record<string, { readonly meaning: string; readonly isConvention: boolean }>
  >;
  /** A journey to show before the first email. */
  readonly example: EmailTrace;
}

/** A trace with the journey of an email. */
export interface Journeyed extends EmailTrace {
  readonly state: EmailState;
  readonly diagram: Diagram;
}

export interface Fault {
  readonly name: string;
  readonly part: string;
  readonly title: string;
  readonly explanation: string;
  readonly parameter:
    | null
    | { readonly type: "choice"; readonly choices: readonly string[]; readonly default: string }
    | {
      readonly type: "integer";
      readonly unit: string;
      readonly minimum: number;
      readonly maximum: number;
      readonly default: number;
    };
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

/** The progress of a lesson. */
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

/** A mystery, as the control server describes it. */
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
