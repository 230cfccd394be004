import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, temporaryFolder } from "@playground/shared/testing";
import { readEnvFile } from "@playground/tasks/running-system";
import { appendSettings } from "./env_file.ts";

integrationTest("appendSettings() adds to a file, which nobody else can read", async () => {
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
