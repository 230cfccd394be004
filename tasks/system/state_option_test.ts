import { equal } from "node:assert/strict";
import { parseArgs } from "node:util";
import { STATE_DIRECTORY } from "./root.ts";
import {
  STATE_OPTION,
  stateDirectoryOf,
  stateOptionHelp,
  taskCommand,
  withOption,
} from "./state_option.ts";

for (
  const [args, directory] of [
    [[], STATE_DIRECTORY],
    [["--state", "/srv/other"], "/srv/other"],
    [["--state=/srv/a/../b"], "/srv/b"],
    // The variable of a script that is not set must not become the folder of the project.
    [["--state="], STATE_DIRECTORY],
  ] as const
) {
  Deno.test(`stateDirectoryOf() reads "${args.join(" ")}"`, () => {
    const { values } = parseArgs({ args: [...args], options: STATE_OPTION });
    equal(stateDirectoryOf(values), directory);
  });
}

for (
  const [directory, command] of [
    [STATE_DIRECTORY, "deno task fault clear"],
    ["/srv/other", "deno task fault clear --state /srv/other"],
    ["/srv/two words", "deno task fault clear --state '/srv/two words'"],
    ["/srv/it's", `deno task fault clear --state '/srv/it'\\''s'`],
  ] as const
) {
  Deno.test(`taskCommand() reaches the system of ${directory}`, () => {
    equal(taskCommand("fault clear", directory), command);
  });
}

Deno.test("withOption() writes a value as one word of the shell", () => {
  equal(
    withOption("deno task fault", "url", "http://127.0.0.1:8026"),
    "deno task fault --url http://127.0.0.1:8026",
  );
  equal(
    withOption("deno task fault", "url", "http://[::1]:1?a&b"),
    "deno task fault --url 'http://[::1]:1?a&b'",
  );
});

Deno.test("stateOptionHelp() begins the explanation at its column", () => {
  equal(stateOptionHelp(17).indexOf("the system"), 17);
});
