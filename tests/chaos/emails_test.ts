import { deepEqual, notEqual } from "node:assert/strict";
import { createEmailWriter } from "./emails.ts";

Deno.test("createEmailWriter() writes the same emails for the same seed, others for another", async () => {
  deepEqual(await createEmailWriter(1, "run")(5), await createEmailWriter(1, "run")(5));
  notEqual(
    (await createEmailWriter(1, "run")(5)).document.body,
    (await createEmailWriter(2, "run")(5)).document.body,
  );
});
