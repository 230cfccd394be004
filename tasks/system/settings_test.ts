import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { readEnvFile, readSettings } from "./settings.ts";

/** Writes a `.env`, sets a variable, and looks at the settings. */
async function withSettings(
  envFile: string | undefined,
  variable: readonly [string, string],
  run: (root: string) => Promise<void>,
): Promise<void> {
  const [name, value] = variable;
  const root = await Deno.makeTempDir();
  const before = Deno.env.get(name);
  try {
    if (envFile !== undefined) await Deno.writeTextFile(join(root, ".env"), envFile);
    Deno.env.set(name, value);
    await run(root);
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
    await Deno.remove(root, { recursive: true });
  }
}

integrationTest("readSettings() lets the environment win over .env", async () => {
  const file = "PLAYGROUND_TEST=file\nPLAYGROUND_TEST_OTHER='two words' # comment\n";
  await withSettings(file, ["PLAYGROUND_TEST", "environment"], async (root) => {
    const settings = await readSettings(root);
    equal(settings.PLAYGROUND_TEST, "environment");
    equal(settings.PLAYGROUND_TEST_OTHER, "two words");
  });
});

integrationTest("readSettings() needs no .env", async () => {
  await withSettings(undefined, ["PLAYGROUND_TEST", "environment"], async (root) => {
    equal((await readSettings(root)).PLAYGROUND_TEST, "environment");
  });
});

integrationTest("readSettings() counts an empty value as not set", async () => {
  await withSettings("PLAYGROUND_TEST_EMPTY=\n", ["PLAYGROUND_TEST", ""], async (root) => {
    const settings = await readSettings(root);
    deepEqual(
      ["PLAYGROUND_TEST", "PLAYGROUND_TEST_EMPTY"].map((name) => name in settings),
      [false, false],
    );
  });
});

integrationTest("readEnvFile() is empty without a file", async () => {
  const folder = await Deno.makeTempDir();
  deepEqual(await readEnvFile(join(folder, ".env")), {});
  await Deno.remove(folder);
});
