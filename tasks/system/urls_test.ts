import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { takeLock } from "./state_folder.ts";
import { readRunningVariables, readUrls, removeUrls, writeUrls } from "./urls.ts";

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

/** Runs in a state folder whose system runs, until its lock is freed. */
async function inFolder(run: (folder: string, lock: Disposable) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using lock = await takeLock(folder);
    ok(lock);
    await run(folder, lock);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertUnknown(folder: string): Promise<void> {
  equal(await readUrls(folder), undefined);
  deepEqual(await readRunningVariables(folder), {});
}

integrationTest(
  "writeUrls() tells readUrls() and readRunningVariables(), and nobody else",
  async () => {
    await inFolder(async (folder) => {
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
  await inFolder(async (folder, lock) => {
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
    writeUrls(folder, URLS, VARIABLES);
    removeUrls(folder);
    removeUrls(folder);
    deepEqual(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["lock"]);
  });
});
