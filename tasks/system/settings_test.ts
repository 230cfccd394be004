import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import {
  readSettings,
  readStateDirectory,
  ROOT,
  STATE_DIRECTORY,
  taskCommand,
} from "./settings.ts";

integrationTest("ROOT is the folder of deno.json", async () => {
  equal((await Deno.stat(join(ROOT, "deno.json"))).isFile, true);
});

integrationTest(
  "readSettings() lets the environment win over .env, and takes empty for unset",
  async () => {
    const root = await Deno.makeTempDir();
    const variables = { PLAYGROUND_TEST: "environment", PLAYGROUND_TEST_EMPTY: "" };
    const own = async () =>
      Object.fromEntries(
        Object.entries(await readSettings(root)).filter(([name]) =>
          name.startsWith("PLAYGROUND_TEST")
        ),
      );
    try {
      for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
      deepEqual(await own(), { PLAYGROUND_TEST: "environment" }, "there is no .env");
      await Deno.writeTextFile(
        join(root, ".env"),
        "PLAYGROUND_TEST=file\nPLAYGROUND_TEST_OTHER='two words' # comment\nPLAYGROUND_TEST_NO=\n",
      );
      deepEqual(await own(), {
        PLAYGROUND_TEST: "environment",
        PLAYGROUND_TEST_OTHER: "two words",
      });
    } finally {
      for (const name of Object.keys(variables)) Deno.env.delete(name);
      await Deno.remove(root, { recursive: true });
    }
  },
);

integrationTest("readSettings() names no service, and knows Zipkin by one name", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      join(root, ".env"),
      "OTEL_SERVICE_NAME=mine\nOTEL_RESOURCE_ATTRIBUTES=service.name=mine,team=a\n" +
        "OTEL_EXPORTER_ZIPKIN_ENDPOINT=http://zipkin:9411/api/v2/spans\n",
    );
    const settings = await readSettings(root);
    equal(settings.OTEL_SERVICE_NAME, undefined);
    equal(settings.OTEL_RESOURCE_ATTRIBUTES, "team=a");
    equal(settings.ZIPKIN_URL, "http://zipkin:9411/api/v2/spans");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

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
    ["http://[::1]:1?a&b", "deno task fault clear --state 'http://[::1]:1?a&b'"],
  ] as const
) {
  Deno.test(`taskCommand() reaches the system of ${directory}`, () => {
    equal(taskCommand("fault clear", directory), command);
  });
}
