import type { Row } from "./row.ts";

/** The ratios of an earlier run, by the ids of their rows. */
export type Baseline = Readonly<Record<string, number>>;

/** How far below the baseline a ratio may fall: less is within what a shared machine does to it. */
export const TOLERANCE = 0.3;

/** A ratio that fell too far. */
export interface Regression {
  /** The row. */
  readonly row: Row;
  /** Its ratio now. */
  readonly ratio: number;
  /** Its ratio in the baseline. */
  readonly baseline: number;
}

/**
 * Finds the steady ratios that fell more than {@linkcode TOLERANCE} below the baseline. Rows that are not in it, and figures that
 * hold on one machine only, are not compared.
 */
export function regressions(rows: readonly Row[], baseline: Baseline): readonly Regression[] {
  return rows.flatMap((row) => {
    const earlier = baseline[row.id];
    if (row.result.kind !== "ratio" || !row.isSteady || earlier === undefined) return [];
    const ratio = row.result.summary.median;
    return ratio < earlier * (1 - TOLERANCE) ? [{ row, ratio, baseline: earlier }] : [];
  });
}

/** The baseline that some rows make; those of the earlier one that were not measured stay. */
export function baselineOf(rows: readonly Row[], earlier: Baseline): Baseline {
  const ratios = rows.flatMap(({ id, result, isSteady }): [string, number][] =>
    result.kind === "ratio" && isSteady ? [[id, Math.round(result.summary.median * 100) / 100]] : []
  );
  const all = { ...earlier, ...Object.fromEntries(ratios) };
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => a < b ? -1 : 1));
}

/** Reads a baseline. */
export async function readBaseline(path: string): Promise<Baseline> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
