import { deepEqual, equal } from "node:assert/strict";
import { Outbox } from "./outbox.ts";

Deno.test("Outbox keeps the newest event of each name, in the order of their first", async () => {
  const outbox = new Outbox();
  outbox.put({ name: "emails", data: "1" });
  outbox.put({ name: "trace", data: "2" });
  outbox.put({ name: "emails", data: "3" });
  deepEqual(await outbox.take(), [{ name: "emails", data: "3" }, { name: "trace", data: "2" }]);
});

Deno.test("Outbox wakes who waits for an event", async () => {
  const outbox = new Outbox();
  const taken = outbox.take();
  outbox.put({ name: "emails", data: "1" });
  deepEqual(await taken, [{ name: "emails", data: "1" }]);
});

Deno.test("Outbox tells the end at once, and for good", async () => {
  const outbox = new Outbox();
  const taken = outbox.take();
  outbox.close();
  outbox.put({ name: "emails", data: "1" });
  equal(await taken, undefined);
  equal(await outbox.take(), undefined);
});
