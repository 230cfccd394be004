import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import { ROOT } from "./root.ts";
import { readStandInVariables, readUrls, removeUrls, writeUrls } from "./urls.ts";

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

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

integrationTest("ROOT is the folder of deno.json", async () => {
  equal((await Deno.stat(join(ROOT, "deno.json"))).isFile, true);
});

integrationTest("writeUrls() tells readUrls() and readStandInVariables()", async () => {
  await inFolder(async (folder) => {
    await writeUrls(folder, URLS, VARIABLES);
    deepEqual(await readUrls(folder), URLS);
    deepEqual(await readStandInVariables(folder), VARIABLES);
  });
});

integrationTest("writeUrls() lets nobody else read the credentials", async () => {
  await inFolder(async (folder) => {
    await writeUrls(folder, URLS, VARIABLES);
    for await (const { name } of Deno.readDir(folder)) {
      const { mode } = await Deno.stat(join(folder, name));
      // Windows has no modes.
      if (mode !== null) equal(mode & 0o077, 0, name);
    }
  });
});

integrationTest("readUrls() and readStandInVariables() know when nothing runs", async () => {
  await inFolder(async (folder) => {
    equal(await readUrls(folder), undefined);
    deepEqual(await readStandInVariables(folder), {});
    equal(await readUrls(join(folder, "nowhere")), undefined);
  });
});

integrationTest("removeUrls() leaves nothing, and may be repeated", async () => {
  await inFolder(async (folder) => {
    await writeUrls(folder, URLS, VARIABLES);
    await removeUrls(folder);
    await removeUrls(folder);
    deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

integrationTest("readUrls() rejects a file that is not its own", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "urls.json"), '{"messageServer": 1}');
    await rejects(readUrls(folder));
  });
});
