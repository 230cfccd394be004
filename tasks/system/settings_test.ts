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
  "readSettings() lets the environment win over .env, and takes empty for unset",
  async () => {
    await using folder = await temporaryFolder();
    const envFile = join(folder.path, ".env");
    const variables = { PLAYGROUND_TEST: "environment", PLAYGROUND_TEST_EMPTY: "" };
    const own = async () => {
      const settings = Object.entries(await readSettings(envFile));
      return Object.fromEntries(settings.filter(([name]) => name.startsWith("PLAYGROUND_TEST")));
    };
    try {
      for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
      deepEqual(await own(), { PLAYGROUND_TEST: "environment" }, "there is no .env");
      await Deno.writeTextFile(
        envFile,
        "PLAYGROUND_TEST=file\nPLAYGROUND_TEST_OTHER='two words' # comment\nPLAYGROUND_TEST_NO=\n",
      );
      deepEqual(await own(), {
        PLAYGROUND_TEST: "environment",
        PLAYGROUND_TEST_OTHER: "two words",
      });
    } finally {
      for (const name of Object.keys(variables)) Deno.env.delete(name);
    }
  },
);

integrationTest(
  "readSettings() leaves out OTEL_SERVICE_NAME, and has one name for Zipkin",
  async () => {
    await using folder = await temporaryFolder();
    const envFile = join(folder.path, ".env");
    await Deno.writeTextFile(
      envFile,
      "OTEL_SERVICE_NAME=mine\nOTEL_RESOURCE_ATTRIBUTES=service.name=mine,team=a\n" +
        "OTEL_EXPORTER_ZIPKIN_ENDPOINT=http://zipkin:9411/api/v2/spans\n",
    );
    const settings = await readSettings(envFile);
    equal(settings.OTEL_SERVICE_NAME, undefined);
    equal(settings.OTEL_RESOURCE_ATTRIBUTES, "team=a");
    equal(settings.ZIPKIN_URL, "http://zipkin:9411/api/v2/spans");
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
