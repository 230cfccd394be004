import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { parseEmailDocument } from "@playground/shared/email";
import { emulatedBounce } from "../../tasks/standins/mailtrap/bounce_emulator.ts";
import { createEmailWriter } from "./emails.ts";

Deno.test("createEmailWriter() writes the same emails for the same seed, others for another", async () => {
  deepEqual(await createEmailWriter(1, "run")(5), await createEmailWriter(1, "run")(5));
  notEqual(
    (await createEmailWriter(1, "run")(5)).document.body,
    (await createEmailWriter(2, "run")(5)).document.body,
  );
});

Deno.test("createEmailWriter() writes valid emails of every kind, each with an id of its own", async () => {
  const emailOf = createEmailWriter(1, "run");
  const emails = await Promise.all(Array.from({ length: 500 }, (_, index) => emailOf(index)));
  const codes = { good: undefined, "temporary bounce": 451, "permanent bounce": 550 } as const;
  for (const { kind, document } of emails) {
    ok(parseEmailDocument(document).ok);
    equal(emulatedBounce(document.recipient.address)?.code, codes[kind]);
  }
  equal(new Set(emails.map(({ id }) => id)).size, emails.length);
  equal(new Set(emails.map(({ kind }) => kind)).size, 3);
  equal(new Set(emails.map(({ isPatient }) => isPatient)).size, 2);
  equal(new Set(emails.map(({ isRepeated }) => isRepeated)).size, 2);
});
