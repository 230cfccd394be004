import type { EmailState } from "@playground/server/trace-view";
import type { Environment } from "@playground/shared/configuration";
import type { SpanRow } from "@playground/shared/waterfall";
import type { FaultName } from "@playground/tasks/faults";

/** A lesson: what is broken, what is sent, and what its trace looks like then. */
export interface Lesson {
  /** Its number; faults and `faults.md` refer to it. */
  readonly number: number;
  /** A few words. */
  readonly title: string;
  /** What is done, and what to look for: some sentences. */
  readonly introduction: string;
  /** What is broken, before anything is sent. */
  readonly faults: readonly LessonFault[];
  /** When the faults end, if that is part of the story. @default at the end of the lesson */
  readonly mendedWhen?: (snapshot: LessonSnapshot) => boolean;
  /** How many emails are sent at once; the one that shows what is described is shown. @default 1 */
  readonly emailCount?: number;
  /** Headers of the request, beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Why it needs a system of its own, and what that is started with; absent: any system with stand-ins will do. */
  readonly ownSystem?: { readonly because: string; readonly settings: Environment };
  /** Where the email is at the end; absent: it is still on its way, or unseen. */
  readonly endState?: EmailState["name"];
  /** What must be seen in the trace, each with its explanation; in the order of the picture. */
  readonly expectedSpans: readonly ExpectedSpan[];
  /** Spans that must not be there. */
  readonly absentSpans?: readonly string[];
  /** Whether the polls that failed belong to the picture; they are traces of their own. @default false */
  readonly showsFailedPolls?: boolean;
  /** What must hold beside the trace. */
  readonly checks?: readonly Check[];
  /** What the system does about it: some sentences. */
  readonly conclusion: string;
}

/** A fault as a lesson sets it. */
export interface LessonFault {
  /** Its name. */
  readonly name: FaultName;
  /** The value of its parameter. @default the parameter's own */
  readonly value?: string;
}

/** A row that must be in the picture, and why it is. */
export interface ExpectedSpan {
  /** The span's name. */
  readonly span: string;
  /** Whether it failed. */
  readonly isFailed: boolean;
  /** What its error says. */
  readonly error?: RegExp;
  /** Tags that it has. */
  readonly tags?: Readonly<Record<string, string>>;
  /** How long it takes at least, in milliseconds. */
  readonly minDurationMs?: number;
  /** How many such rows there are at least. @default 1 */
  readonly minCount?: number;
  /** A tag that has one value in all such rows. */
  readonly sharedTag?: string;
  /** What it tells. */
  readonly explanation: string;
}

/**
 * What must hold beside the trace: that the mail is in the archive, that the emailer says that it is not ready, which edges the
 * dependency graph has.
 */
export type Check =
  | { readonly kind: "archived" }
  | { readonly kind: "emailer-not-ready"; readonly reason: RegExp }
  | { readonly kind: "dependencies"; readonly edges: readonly string[]; readonly isAll?: boolean };

/** What is known at one moment of a lesson. */
export interface LessonSnapshot {
  /** The rows of the picture. */
  readonly rows: readonly SpanRow[];
  /** Where the email is; absent while the collector tells nothing. */
  readonly state: EmailState | undefined;
  /** Since the email was sent, in milliseconds. */
  readonly elapsedMs: number;
}
