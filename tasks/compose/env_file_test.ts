import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { readEnvFile } from "@playground/tasks/running-system";
import { appendSettings } from "./env_file.ts";

/** Runs a test with the path of a file that is not there yet. */
function withPath(test: (path: string) => Promise<void>) {
  return async () => {
    const directory = await Deno.makeTempDir();
    try {
      await test(join(directory, ".env"));
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  };
}

integrationTest(
  "appendSettings() makes a file that nobody else can read",
  withPath(async (path) => {
    await appendSettings(path, "Passwords", { A: "1", B: "x y#z$" });
    equal(await Deno.readTextFile(path), "# Passwords\nA=1\nB='x y#z$'\n");
    equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    deepEqual({ ...await readEnvFile(path) }, { A: "1", B: "x y#z$" });
  }),
);

integrationTest(
  "appendSettings() leaves what is in the file, even without a line end",
  withPath(async (path) => {
    await Deno.writeTextFile(path, "OLD=0");
    await appendSettings(path, "New", { A: "1" });
    deepEqual({ ...await readEnvFile(path) }, { OLD: "0", A: "1" });
  }),
);

integrationTest(
  "appendSettings() rejects a value that the file cannot hold",
  withPath(async (path) => {
    for (const value of ["it's", "two\nlines"]) {
      await rejects(appendSettings(path, "New", { A: value }), RangeError);
    }
    await rejects(Deno.stat(path), Deno.errors.NotFound);
  }),
);
