import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { clearState, isRunning, takeLock } from "./state_folder.ts";
import { readRunningVariables, readUrls, removeUrls, writeUrls } from "./urls.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

integrationTest(
  "takeLock() gives the lock to one at a time, and isRunning() goes by it",
  async () => {
    await inFolder(async (folder) => {
      const state = join(folder, "state");
      equal(await isRunning(state), false);
      const first = await takeLock(state);
      ok(first);
      equal(await takeLock(state), undefined);
      equal(await isRunning(state), true);
      first[Symbol.dispose]();
      equal(await isRunning(state), false, "the file of the lock says nothing");
      using second = await takeLock(state);
      ok(second);
    });
  },
);

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

integrationTest("takeLock() waits for those who only ask whether it is held", async () => {
  await inFolder(async (folder) => {
    (await takeLock(folder))?.[Symbol.dispose]();
    using asking = await Deno.open(join(folder, "lock"), { read: true });
    ok(await asking.tryLock(false));
    const taking = takeLock(folder);
    setTimeout(() => asking.unlock(), 10);
    using lock = await taking;
    ok(lock);
  });
});

integrationTest("takeLock() takes a folder that was there from everybody else", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "lock"), "");
    for (const [path, mode] of [[folder, 0o755], [join(folder, "lock"), 0o644]] as const) {
      await Deno.chmod(path, mode);
    }
    using _lock = await takeLock(folder);
    for (const path of [folder, join(folder, "lock")]) {
      equal(((await Deno.stat(path)).mode ?? 0) & 0o077, 0, path);
    }
  });
});

const URLS = {
  messageServer: "http://127.0.0.1:8080",
  zipkin: "http://127.0.0.1:9411",
  amqp: "amqp://guest:guest@127.0.0.1:5672",
  mongodb: "mongodb://127.0.0.1:27017/messages",
  mailtrapApi: "http://127.0.0.1:8025",
  smtp: "smtp://127.0.0.1:2525",
  emailer: "http://127.0.0.1:8081",
  faults: "http://127.0.0.1:8026",
};
const VARIABLES = { AMQP_URL: URLS.amqp, SMTP_CA: "-----BEGIN CERTIFICATE-----\n" };

async function assertUnknown(folder: string): Promise<void> {
  equal(await readUrls(folder), undefined);
  deepEqual(await readRunningVariables(folder), {});
}

integrationTest(
  "writeUrls() tells readUrls() and readRunningVariables(), and nobody else",
  async () => {
    await inFolder(async (folder) => {
      using _lock = await takeLock(folder);
      writeUrls(folder, URLS, VARIABLES);
      deepEqual(await readUrls(folder), URLS);
      deepEqual(await readRunningVariables(folder), VARIABLES);
      for await (const { name } of Deno.readDir(folder)) {
        const { mode } = await Deno.stat(join(folder, name));
        // Windows has no modes.
        if (mode !== null) equal(mode & 0o077, 0, name);
      }
    });
  },
);

integrationTest("readUrls() and readRunningVariables() know when nothing runs", async () => {
  await inFolder(async (folder) => {
    const lock = await takeLock(folder);
    ok(lock);
    await assertUnknown(folder);
    await assertUnknown(join(folder, "nowhere"));
    // A system that was killed has left its files.
    writeUrls(folder, URLS, VARIABLES);
    lock[Symbol.dispose]();
    await assertUnknown(folder);
  });
});

integrationTest("removeUrls() leaves nothing, and may be repeated", async () => {
  await inFolder(async (folder) => {
    using _lock = await takeLock(folder);
    writeUrls(folder, URLS, VARIABLES);
    removeUrls(folder);
    removeUrls(folder);
    deepEqual(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["lock"]);
  });
});
