export interface Side<Name extends string = string> {
  readonly name: Name;
  readonly run: () => Promise<number>;
}

type Samples<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/**
 * Runs the sides in turn, A B A B …, so that whatever else the machine does meanwhile falls upon all of them. A first round warms
 * up and does not count: compilers, pools and caches.
 */
export async function interleave<const Name extends string>(
  sides: readonly Side<Name>[],
  rounds: number,
): Promise<Samples<Name>> {
  for (const { run } of sides) await run();
  const samples: Partial<Record<Name, number[]>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of sides) (samples[name] ??= []).push(await run());
  }
  return samples as Record<Name, number[]>;
}

export interface Summary {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly count: number;
}

export function summarize(samples: readonly number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    lowerQuartile: quantile(samples, 0.25),
    upperQuartile: quantile(samples, 0.75),
    count: samples.length,
  };
}

/** A quantile, interpolated between the two nearest samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) {
    throw new RangeError("Cannot summarize: there are no samples");
  }
  return below + (above - below) * (position - Math.floor(position));
}

/** Both sides of a round ran under the same load, so ratios are taken per round. */
export function ratios(samples: readonly number[], references: readonly number[]): number[] {
  return samples.map((sample, round) => sample / (references[round] ?? NaN));
}

export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function formatRate(rates: readonly number[]): string {
  return `${formatNumber(quantile(rates, 0.5))}/s`;
}
