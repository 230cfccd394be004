export interface Side<Name extends string = string> {
  readonly name: Name;
  /** Does one round of work, and tells what was measured. */
  readonly run: () => Promise<number>;
}

/** One sample of each side for each round. */
export type Samples<Name extends string> = Readonly<Record<Name, readonly number[]>>;

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
