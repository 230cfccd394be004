import { deepEqual, equal } from "node:assert/strict";
import { LauncherLink } from "./launcher_link.ts";

Deno.test("LauncherLink asks by lines, and waits for a line for each", async () => {
  const lines: string[] = [];
  const link = new LauncherLink((line) => lines.push(line));
  const done: string[] = [];
  const first = link.apply({ emailer: { A: "1" } }).then(() => done.push("first"));
  const second = link.apply({}).then(() => done.push("second"));
  deepEqual(lines, ['SETTINGS {"emailer":{"A":"1"}}', "SETTINGS {}"]);
  link.read(new TextEncoder().encode("\n"));
  await first;
  deepEqual(done, ["first"]);
  link.read(new TextEncoder().encode("\n\n"));
  await second;
  equal(done.length, 2);
});
