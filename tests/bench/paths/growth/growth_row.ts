import { figureRow, type Row } from "../../row.ts";

/** What is within this of its beginning has not grown. */
export const FLAT = 1.2;

/** What was measured where there are many emails, and where there are few. */
export interface GrowthFacts {
  /** Names the row. */
  readonly id: string;
  /** What was measured, in words. */
  readonly what: string;
  /** What ran behind the services. */
  readonly components: Row["components"];
  /** The cost of an email among many others, in microseconds, of each round. */
  readonly manyMicroseconds: readonly number[];
  /** The cost of an email among few others, of the same rounds. */
  readonly fewMicroseconds: readonly number[];
  /** Whether it should be flat; else it is told for its own sake. @default true */
  readonly hasGoal?: boolean;
}

/**
 * A row that tells what an email costs among many others, in relation to what it costs among few.
 */
export function growthRow(
  { id, what, components, manyMicroseconds, fewMicroseconds, hasGoal = true }: GrowthFacts,
): Row {
  const list = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(", ");
  return figureRow(
    {
      id: `growth.${id}.${components}`,
      what: `Growth: cost of an email ${what}`,
      components,
      ...(hasGoal ? { goal: { atMost: FLAT } } : {}),
      detail: `${list(manyMicroseconds)} µs; ${list(fewMicroseconds)} µs among 100`,
    },
    "×",
    manyMicroseconds.map((many, round) => many / (fewMicroseconds[round] ?? NaN)),
  );
}
