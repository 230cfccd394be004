import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { clearState, takeLock } from "./state.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

integrationTest("takeLock() gives the lock to one at a time, and makes the folder", async () => {
  await inFolder(async (folder) => {
    const state = join(folder, "state");
    const first = await takeLock(state);
    ok(first);
    equal(await takeLock(state), undefined);
    first[Symbol.dispose]();
    using second = await takeLock(state);
    ok(second);
  });
});

integrationTest("takeLock() minds no file that somebody who was killed has left", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "lock"), "");
    using lock = await takeLock(folder);
    ok(lock);
  });
});

integrationTest("clearState() removes everything but the lock", async () => {
  await inFolder(async (folder) => {
    using lock = await takeLock(folder);
    ok(lock);
    await Deno.writeTextFile(join(folder, "amqp.sqlite"), "");
    await Deno.mkdir(join(folder, "more", "deep"), { recursive: true });
    await clearState(folder);
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    deepEqual(names, ["lock"]);
    equal(await takeLock(folder), undefined, "it is still held");
  });
});
