import { deepEqual, equal, match } from "node:assert/strict";
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

for (
  const [parameter, setting, expected] of [
    [null, {}, [null, 1, undefined]],
    [CHOICE, {}, ["550", 1, undefined]],
    [CHOICE, { value: "451", probability: 0, forMs: 1 }, ["451", 0, 1]],
    [INTEGER, {}, ["15", 1, undefined]],
    [INTEGER, { value: "10" }, ["10", 1, undefined]],
    [INTEGER, { value: "20", forMs: 86_400_000 }, ["20", 1, 86_400_000]],
  ] as const satisfies readonly (readonly [FaultParameter | null, FaultSetting, unknown])[]
) {
  Deno.test(`checkSetting() takes ${JSON.stringify(setting)} for ${parameter?.type}`, () => {
    const result = checkSetting(parameter, setting);
    deepEqual(result.ok && [result.value, result.probability, result.forMs], expected);
  });
}

for (
  const [parameter, setting, expected] of [
    [null, { value: "1" }, /takes no value/],
    [CHOICE, { value: "452" }, /^"452" is none of its values; give one of 451, 550$/],
    [CHOICE, { value: "" }, /^"" is none of its values/],
    [INTEGER, { value: "9" }, /from 10 to 20 \(ms\)/],
    [INTEGER, { value: "21" }, /from 10 to 20/],
    [INTEGER, { value: "1e1" }, /no whole number/],
    [INTEGER, { value: "" }, /^"" is no whole number from 10 to 20/],
    [null, { probability: -0.1 }, /probability/],
    [null, { probability: 1.1 }, /probability/],
    [null, { probability: NaN }, /probability/],
    [null, { forMs: 0 }, /time/],
    [null, { forMs: 1.5 }, /time/],
    [null, { forMs: 86_400_001 }, /time/],
  ] as const satisfies readonly (readonly [FaultParameter | null, FaultSetting, RegExp])[]
) {
  Deno.test(`checkSetting() refuses ${JSON.stringify(setting)} for ${parameter?.type}`, () => {
    const result = checkSetting(parameter, setting);
    equal(result.ok, false);
    match(result.ok ? "" : result.problem, expected);
  });
}
