import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, temporaryFolder } from "@playground/shared/testing";
import {
  appendSettings,
  readEnvFile,
  readSettings,
  readStateDirectory,
  STATE_DIRECTORY,
  taskCommand,
} from "./settings.ts";

integrationTest(
  "readSettings() puts the environment over .env, and has what several services share",
  async () => {
    await using folder = await temporaryFolder();
    const envFile = join(folder.path, ".env");
    const read = async (...names: readonly string[]) => {
      const settings = await readSettings(envFile);
      return names.map((name) => settings[name]);
    };
    Deno.env.set("PLAYGROUND_TEST", "environment");
    try {
      deepEqual(await read("PLAYGROUND_TEST", "PLAYGROUND_TEST_OTHER"), ["environment", undefined]);
      await Deno.writeTextFile(
        envFile,
        `PLAYGROUND_TEST=file
PLAYGROUND_TEST_OTHER='two words' # comment
PLAYGROUND_TEST_EMPTY=
OTEL_SERVICE_NAME=mine
OTEL_RESOURCE_ATTRIBUTES=service.name=mine,team=a
OTEL_EXPORTER_ZIPKIN_ENDPOINT=http://zipkin:9411/api/v2/spans
`,
      );
      deepEqual(await read("PLAYGROUND_TEST", "PLAYGROUND_TEST_OTHER", "PLAYGROUND_TEST_EMPTY"), [
        "environment",
        "two words",
        undefined,
      ]);
      deepEqual(await read("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "ZIPKIN_URL"), [
        undefined,
        "team=a",
        "http://zipkin:9411/api/v2/spans",
      ]);
    } finally {
      Deno.env.delete("PLAYGROUND_TEST");
    }
  },
);

integrationTest("appendSettings() adds to a file that only its owner can read", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, ".env");
  for (const value of ["it's", "two\nlines"]) {
    await rejects(appendSettings(path, "None", { A: value }), RangeError);
  }
  await rejects(Deno.stat(path), Deno.errors.NotFound);

  await appendSettings(path, "Passwords", { A: "1", B: "x y#z$" });
  equal(await Deno.readTextFile(path), "# Passwords\nA=1\nB='x y#z$'\n");
  equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);

  await Deno.writeTextFile(path, "OLD=0", { append: true });
  await appendSettings(path, "More", { C: "2" });
  deepEqual({ ...await readEnvFile(path) }, { A: "1", B: "x y#z$", OLD: "0", C: "2" });
});

Deno.test("readStateDirectory() takes empty for unset", () => {
  equal(readStateDirectory("/srv/a/../b"), "/srv/b");
  equal(readStateDirectory(""), STATE_DIRECTORY);
});

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

integrationTest("readEnvFile() says which file cannot be read", async () => {
  await using folder = await temporaryFolder();
  await rejects(readEnvFile(folder.path), /^Error: Cannot read .*; make it a file/);
});
