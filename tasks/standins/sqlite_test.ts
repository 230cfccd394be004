import { equal, throws } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, temporaryFolder } from "@playground/shared/testing";
import { SqliteStore } from "./sqlite.ts";

const SCHEMA = "CREATE TABLE IF NOT EXISTS number (value INTEGER)";

for (const [state, mode] of [["new", undefined], ["old", 0o755]] as const) {
  integrationTest(`SqliteStore makes a ${state} state readable by its owner only`, async () => {
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
    using database = new SqliteStore("amqp", folder, SCHEMA);
    database.exec("INSERT INTO number VALUES (1)");
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    equal(names.includes("amqp.sqlite-wal"), true);
    for (const path of [folder, ...names.map((name) => join(folder, name))]) {
      // Windows has no modes.
      equal(((await Deno.stat(path)).mode ?? 0) & 0o077, 0, path);
    }
  });
}

integrationTest("SqliteStore says which file is damaged, and what to do", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "amqp.sqlite");
  await Deno.writeTextFile(path, "not a database".repeat(100));
  throws(() => new SqliteStore("amqp", folder.path, SCHEMA), {
    message:
      `Cannot open the state in ${path}: file is not a database; make room on the disk, or delete the file to begin anew`,
  });
});
