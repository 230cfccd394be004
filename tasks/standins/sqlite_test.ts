import { equal } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, temporaryFolder } from "@playground/shared/testing";
import { openStore } from "./sqlite.ts";

const SCHEMA = "CREATE TABLE IF NOT EXISTS number (value INTEGER)";

for (const [state, mode] of [["new", undefined], ["old", 0o755]] as const) {
  integrationTest(`openStore() makes a ${state} state readable by its owner only`, async () => {
    await using parent = await temporaryFolder();
    const folder = join(parent.path, "state");
    if (mode !== undefined) {
      await Deno.mkdir(folder);
      await Deno.chmod(folder, mode);
      for (const file of ["amqp.sqlite", "amqp.sqlite-shm", "amqp.sqlite-wal"]) {
        await Deno.writeTextFile(join(folder, file), "");
        await Deno.chmod(join(folder, file), 0o644);
      }
    }
    using database = openStore("amqp", folder, SCHEMA);
    database.exec("INSERT INTO number VALUES (1)");
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    equal(names.includes("amqp.sqlite-wal"), true);
    for (const path of [folder, ...names.map((name) => join(folder, name))]) {
      // Windows has no modes.
      equal(((await Deno.stat(path)).mode ?? 0) & 0o077, 0, path);
    }
  });
}
