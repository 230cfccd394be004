import { equal } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { openPage } from "./open_page.ts";

const URL = "http://127.0.0.1:8080/";

/** A command that succeeds if it is handed the address alone. */
const opener = (condition: string) => [
  Deno.execPath(),
  "eval",
  `Deno.exit(Deno.args.at(-1) === "${URL}" && ${condition} ? 0 : 3)`,
];

for (
  const [what, command, problem] of [
    ["opens the address", opener("true"), undefined],
    [
      "says that there is no browser",
      opener("false"),
      `Cannot open the page: ${Deno.execPath()} found no browser (exit code 3); open ${URL} in a browser yourself`,
    ],
  ] as const
) {
  integrationTest(`openPage() ${what}`, async () => {
    equal(await openPage(URL, command), problem);
  });
}
