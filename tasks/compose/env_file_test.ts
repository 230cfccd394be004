import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { readEnvFile } from "@playground/tasks/running-system";
import { appendSettings } from "./env_file.ts";

function envFileTest(behaviour: string, test: (path: string) => Promise<void>): void {
  integrationTest(`appendSettings() ${behaviour}`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await test(join(directory, ".env"));
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

envFileTest("makes a file that nobody else can read", async (path) => {
  await appendSettings(path, "Passwords", { A: "1", B: "x y#z$" });
  equal(await Deno.readTextFile(path), "# Passwords\nA=1\nB='x y#z$'\n");
  equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  deepEqual({ ...await readEnvFile(path) }, { A: "1", B: "x y#z$" });
});

envFileTest("leaves what is in the file, even without a line end", async (path) => {
  await Deno.writeTextFile(path, "OLD=0");
  await appendSettings(path, "New", { A: "1" });
  deepEqual({ ...await readEnvFile(path) }, { OLD: "0", A: "1" });
});

envFileTest("rejects a value that the file cannot hold", async (path) => {
  for (const value of ["it's", "two\nlines"]) {
    await rejects(appendSettings(path, "New", { A: value }), RangeError);
  }
  await rejects(Deno.stat(path), Deno.errors.NotFound);
});
