/**
 * Waits for this many archived mails, and prints their number. `.ci/containers` runs it in the `operator`.
 *
 * @module
 */
import { COLLECTION } from "@playground/poller/archive";
import { sleep } from "@playground/shared/time";
import { MongoClient } from "mongodb";

const TIMEOUT_MS = 240_000;

const wanted = Number(Deno.args[0] ?? 0);
await using client = new MongoClient(Deno.env.get("MONGODB_URL") ?? "");
const mails = client.db().collection(COLLECTION);
const deadline = Date.now() + TIMEOUT_MS;
let count = await mails.countDocuments();
while (count < wanted && Date.now() < deadline) {
  await sleep(1_000);
  count = await mails.countDocuments();
}
console.log(count);
