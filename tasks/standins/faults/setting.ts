import type { FaultParameter, FaultSetting } from "./fault.ts";

/** Whoever forgets a fault should not wonder for longer than a day. */
const MAX_FOR_MS = 24 * 60 * 60 * 1000;

/** A setting that fits its fault, or what is wrong with it. Where there is no parameter there is no value. */
export type CheckedSetting =
  | {
    readonly ok: true;
    readonly value: string | null;
    readonly probability: number;
    readonly forMs: number | undefined;
  }
  | { readonly ok: false; readonly problem: string };

/** Holds a setting against the parameter of its fault and fills in what was left out. */
export function checkSetting(
  parameter: FaultParameter | null,
  { value: wanted, probability = 1, forMs }: FaultSetting,
): CheckedSetting {
  if (!(probability >= 0 && probability <= 1)) {
    return wrong(`the probability ${probability} is not from 0 to 1; give one such as 0.3`);
  }
  if (forMs !== undefined && !(Number.isInteger(forMs) && forMs > 0 && forMs <= MAX_FOR_MS)) {
    return wrong("the time is not from 1 ms to a day; give one such as 60s");
  }
  const value = wanted ?? (parameter === null ? null : String(parameter.default));
  const problem = problemWith(parameter, value);
  return problem === undefined ? { ok: true, value, probability, forMs } : wrong(problem);
}

function problemWith(parameter: FaultParameter | null, value: string | null): string | undefined {
  if (parameter === null) {
    return value === null ? undefined : "it takes no value; leave that out";
  }
  if (parameter.type === "choice") {
    return value !== null && parameter.choices.includes(value)
      ? undefined
      : `${JSON.stringify(value)} is not one of its values; give one of ${
        parameter.choices.join(", ")
      }`;
  }
  const { minimum, maximum, unit } = parameter;
  const number = value !== null && /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  return number >= minimum && number <= maximum
    ? undefined
    : `${
      JSON.stringify(value)
    } is not a whole number from ${minimum} to ${maximum} (${unit}); give one`;
}

function wrong(problem: string): CheckedSetting {
  return { ok: false, problem };
}
