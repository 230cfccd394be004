/** The middle of some samples, and how far they are spread. */
export interface Summary {
  /** Half of the samples are below, half above. */
  readonly median: number;
  /** A quarter of the samples is below. */
  readonly lowerQuartile: number;
  /** A quarter of the samples is above. */
  readonly upperQuartile: number;
  /** How many samples there are. */
  readonly count: number;
}

/** Summarizes samples. */
export function summarize(samples: readonly number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    lowerQuartile: quantile(samples, 0.25),
    upperQuartile: quantile(samples, 0.75),
    count: samples.length,
  };
}

/**
 * A quantile, interpolated between the two nearest samples.
 *
 * @throws {RangeError} If there are no samples.
 */
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

/** Divides two series of samples, round by round. */
export function ratios(samples: readonly number[], references: readonly number[]): number[] {
  return samples.map((sample, round) => sample / (references[round] ?? NaN));
}
