/**
 * Runs the sides in turn, A B A B …, so that other work of the machine slows all of them alike. A first round, which does not count,
 * warms up compilers, pools and caches.
 */
export async function interleave<const Name extends string, Sample>(
  sides: Readonly<Record<Name, () => Promise<Sample>>>,
  rounds: number,
): Promise<Readonly<Record<Name, readonly Sample[]>>> {
  const names = Object.keys(sides) as Name[];
  const samples: Partial<Record<Name, Sample[]>> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const sample = await sides[name]();
      if (round > 0) (samples[name] ??= []).push(sample);
    }
  }
  return samples as Record<Name, Sample[]>;
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

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Both sides of a round ran under the same load, so they are compared round by round. */
export function byRound(
  samples: readonly number[],
  references: readonly number[],
  compare: (sample: number, reference: number) => number,
): readonly number[] {
  return samples.map((sample, round) => compare(sample, references[round] ?? NaN));
}

export function ratios(samples: readonly number[], references: readonly number[]) {
  return byRound(samples, references, (sample, reference) => sample / reference);
}

export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
