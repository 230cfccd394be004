import { failureReason } from "@playground/shared/http";
import { tableLines } from "@playground/tasks/terminal";

/** What a check found. */
export interface Finding {
  readonly subject: string;
  /** `note`: worth knowing, nothing to mend. */
  readonly status: "ok" | "note" | "problem";
  /** What it is like, in words. Never a secret. */
  readonly detail: string;
  readonly remedy?: string;
}

/** Looks at one thing, changes nothing, and never throws for what may be wrong with it. */
export type Check = () => Finding | Promise<Finding>;

export function describeFindings(findings: readonly Finding[]): string {
  const marks = { ok: "✓", note: "·", problem: "✗" } as const;
  return tableLines(findings.flatMap(({ subject, status, detail, remedy }) => [
    [`${marks[status]} ${subject}`, detail],
    ...(remedy === undefined ? [] : [["", `→ ${remedy}`]]),
  ])).join("\n");
}

/** An error in a few words: the first line of {@linkcode failureReason}. */
export function reasonOf(error: unknown): string {
  return (failureReason(error).split("\n")[0] ?? "").trim();
}
