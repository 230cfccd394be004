import { equal } from "node:assert/strict";
import { bakedFlags } from "./targets.ts";

const GIVEN = { net: ["a:1", "b:2"], files: ["/state", "/certs"] };

for (
  const [target, access, flags] of [
    ["emailer", {}, "--no-prompt --allow-net --allow-env=… --ignore-env"],
    [
      "emailer",
      GIVEN,
      "--no-prompt --allow-net=a:1,b:2 --allow-env=… --ignore-env --allow-read=/state,/certs",
    ],
    [
      "mailtrap-stand-in",
      {},
      "--no-prompt --allow-net --allow-read --allow-write --ignore-env",
    ],
    [
      "mailtrap-stand-in",
      GIVEN,
      "--no-prompt --allow-net=a:1,b:2 --allow-read=/state,/certs --allow-write=/state,/certs --ignore-env",
    ],
  ] as const
) {
  Deno.test(`bakedFlags() of ${target} with ${JSON.stringify(access)}`, () => {
    equal(bakedFlags(target, access).join(" ").replace(/(?<=--allow-env=)\S+/, "…"), flags);
  });
}
