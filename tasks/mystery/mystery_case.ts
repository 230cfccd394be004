import type { FaultName } from "@playground/tasks/faults";

/** How hard a mystery is. */
export const DIFFICULTIES = ["easy", "medium", "hard"] as const;

/** One of {@linkcode DIFFICULTIES}. */
export type Difficulty = typeof DIFFICULTIES[number];

/** A hidden fault, and what leads to it. */
export interface MysteryCase {
  readonly difficulty: Difficulty;
  readonly fault: { readonly name: FaultName; readonly value?: string };
  /** How often the fault strikes. @default always */
  readonly probability?: number;
  /** What people complain about. It names neither hop nor cause. */
  readonly story: string;
  /** Where to look, then what to look at. */
  readonly hints: readonly [string, string];
  /** What in the trace proves it. */
  readonly proof: string;
  /** Faults that no trace tells from this one. */
  readonly alsoRight?: readonly FaultName[];
}
