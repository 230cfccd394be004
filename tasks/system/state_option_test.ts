import { equal } from "node:assert/strict";
import { STATE_DIRECTORY } from "./root.ts";
import { readStateDirectory, taskCommand, withOption } from "./state_option.ts";

for (
  const [text, directory] of [
    ["/srv/other", "/srv/other"],
    ["/srv/a/../b", "/srv/b"],
    ["", STATE_DIRECTORY],
  ] as const
) {
  Deno.test(`readStateDirectory() reads "${text}"`, () => {
    equal(readStateDirectory(text), directory);
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
