import { equal, match } from "node:assert/strict";
import { integrationTest, runDeno } from "@playground/shared/testing";

const ID = "3f2c8a9e-5f3b-4c55-9d5e-0a4b1c2d3e4f";

for (
  const [text, problem] of [
    ["bury", /bury|too many arguments/],
    ["show", /missing required argument 'id'/],
    ["requeue", /requeue needs either an ID or --all/],
    [`drop ${ID} --all`, /drop needs either an ID or --all/],
    [`requeue ${ID} --yes`, /--yes/],
    [`drop ${ID}`, /^Cannot ask whether to drop: there is no terminal; give --yes$/m],
  ] as const
) {
  integrationTest(`dead-letters refuses "${text}" and says why`, async () => {
    const { code, stderr } = await runDeno([
      ...["run", "-A", "tasks/dead_letters/main.ts"],
      ...text.split(" "),
    ]);
    equal(code, 2);
    match(stderr, problem);
  });
}
