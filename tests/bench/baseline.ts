import { median } from "./measure/samples.ts";
import type { Row } from "./row.ts";

/** The ratios of an earlier run, by the ids of their rows. */
type Baseline = Readonly<Record<string, number>>;

/** How far below the baseline a ratio may fall: smaller differences are a shared machine's noise. */
const TOLERANCE = 0.3;

/**
 * Finds the steady ratios that fell more than {@linkcode TOLERANCE} below the baseline. Rows that are not in it, and figures that
 * hold on one machine only, are not compared.
 */
export function regressions(rows: readonly Row[], baseline: Baseline) {
  return rows.flatMap((row) => {
    const earlier = baseline[row.id];
    if (!row.isSteady || earlier === undefined) return [];
    const ratio = median(row.samples);
    return ratio < earlier * (1 - TOLERANCE) ? [{ row, ratio, baseline: earlier }] : [];
  });
}

/** The baseline that some rows make; those of the earlier one that were not measured stay. */
export function baselineOf(rows: readonly Row[], earlier: Baseline): Baseline {
  const ratios = rows.filter(({ isSteady }) => isSteady)
    .map(({ id, samples }): [string, number] => [id, Math.round(median(samples) * 100) / 100]);
  const all = { ...earlier, ...Object.fromEntries(ratios) };
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => a < b ? -1 : 1));
}

export async function readBaseline(path: string): Promise<Baseline> {
  return JSON.parse(await Deno.readTextFile(path));
}
