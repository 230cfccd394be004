import { deepEqual, equal } from "node:assert/strict";
import { liveEvent, Outbox } from "./outbox.ts";

const event = (name: string, value: number) => liveEvent(name, { value });

Deno.test("Outbox keeps the newest event of each name, in the order of their first", async () => {
  const outbox = new Outbox();
  outbox.put(event("emails", 1));
  outbox.put(event("trace", 2));
  outbox.put(event("emails", 3));
  deepEqual(await outbox.take(), event("emails", 3));
  equal(outbox.has("emails"), false);
  equal(outbox.has("trace"), true);
  deepEqual(await outbox.take(), event("trace", 2));
});
