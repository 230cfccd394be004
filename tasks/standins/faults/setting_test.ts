import { deepEqual, match } from "node:assert/strict";
import type { FaultParameter, FaultSetting } from "./fault.ts";
import { checkSetting } from "./setting.ts";

const CHOICE: FaultParameter = { type: "choice", choices: ["451", "550"], default: "550" };
const INTEGER: FaultParameter = {
  type: "integer",
  unit: "ms",
  minimum: 10,
  maximum: 20,
  default: 15,
};

const CASES: readonly [FaultParameter | null, FaultSetting, readonly unknown[] | RegExp][] = [
  [null, {}, [null, 1, undefined]],
  [CHOICE, {}, ["550", 1, undefined]],
  [CHOICE, { value: "451", probability: 0, forMs: 1 }, ["451", 0, 1]],
  [INTEGER, {}, ["15", 1, undefined]],
  [INTEGER, { value: "10" }, ["10", 1, undefined]],
  [INTEGER, { value: "20", forMs: 86_400_000 }, ["20", 1, 86_400_000]],
  [null, { value: "1" }, /takes no value/],
  [CHOICE, { value: "452" }, /^"452" is not one of its values; give one of 451, 550$/],
  [CHOICE, { value: "" }, /^"" is not one of its values/],
  [INTEGER, { value: "9" }, /from 10 to 20 \(ms\)/],
  [INTEGER, { value: "21" }, /from 10 to 20/],
  [INTEGER, { value: "1e1" }, /not a whole number/],
  [INTEGER, { value: "" }, /^"" is not a whole number from 10 to 20/],
  [null, { probability: -0.1 }, /probability/],
  [null, { probability: 1.1 }, /probability/],
  [null, { probability: NaN }, /probability/],
  [null, { forMs: 0 }, /time/],
  [null, { forMs: 1.5 }, /time/],
  [null, { forMs: 86_400_001 }, /time/],
];
for (const [parameter, setting, expected] of CASES) {
  const verb = expected instanceof RegExp ? "refuses" : "takes";
  Deno.test(`checkSetting() ${verb} ${JSON.stringify(setting)} for ${parameter?.type}`, () => {
    const result = checkSetting(parameter, setting);
    if (expected instanceof RegExp) return match(result.ok ? "" : result.problem, expected);
    deepEqual(result.ok && [result.value, result.probability, result.forMs], expected);
  });
}
