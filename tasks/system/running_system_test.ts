import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, temporaryFolder } from "@playground/shared/testing";
import { readRunning, writeRunning } from "./running_system.ts";
import { clearState, takeLock } from "./state_folder.ts";
import { EXAMPLE_URLS } from "./testing.ts";

function folderTest(behaviour: string, test: (folder: string) => Promise<void>): void {
  integrationTest(behaviour, async () => {
    await using folder = await temporaryFolder();
    await test(folder.path);
  });
}

async function assertPrivate(path: string): Promise<void> {
  equal(((await Deno.stat(path)).mode ?? 0) & 0o077, 0, path);
}

folderTest("clearState() removes everything but the lock", async (folder) => {
  using lock = await takeLock(folder);
  ok(lock);
  await Deno.writeTextFile(join(folder, "amqp.sqlite"), "");
  await Deno.mkdir(join(folder, "more", "deep"), { recursive: true });
  await clearState(folder);
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  deepEqual(names, ["lock"]);
  equal(await takeLock(folder), undefined, "it is still held");
});

folderTest("takeLock() waits for a check of whether it is held", async (folder) => {
  (await takeLock(folder))?.[Symbol.dispose]();
  using asking = await Deno.open(join(folder, "lock"), { read: true });
  ok(await asking.tryLock(false));
  const taking = takeLock(folder);
  setTimeout(() => asking.unlock(), 10);
  using lock = await taking;
  ok(lock);
});

folderTest("takeLock() makes an existing folder private", async (folder) => {
  const file = join(folder, "lock");
  await Deno.writeTextFile(file, "");
  await Deno.chmod(folder, 0o755);
  await Deno.chmod(file, 0o644);
  using _lock = await takeLock(folder);
  await assertPrivate(folder);
  await assertPrivate(file);
});

folderTest(
  "readRunning() reads what writeRunning() wrote, and nobody else can",
  async (folder) => {
    const variables = { AMQP_URL: EXAMPLE_URLS.amqp, SMTP_CA: "-----BEGIN CERTIFICATE-----\n" };
    const lock = await takeLock(folder);
    equal(await readRunning(folder), undefined);
    writeRunning(folder, { urls: EXAMPLE_URLS, variables });
    deepEqual(await readRunning(folder), { urls: EXAMPLE_URLS, variables });
    for await (const { name } of Deno.readDir(folder)) await assertPrivate(join(folder, name));
    lock?.[Symbol.dispose]();
    equal(await readRunning(folder), undefined, "a system that was killed has left its file");
  },
);
