import { deepEqual, equal, notEqual } from "node:assert/strict";
import { MAX_BODY_BYTES, parseEmailDocument } from "@playground/shared/email";
import { emulatedBounce } from "../standins/mailtrap/bounce_emulator.ts";
import { createEmailMix, senderOf } from "./email_mix.ts";

for (const bodySizeBytes of [1, 68, 1_000, MAX_BODY_BYTES]) {
  Deno.test(`createEmailMix() writes valid emails of ${bodySizeBytes} bytes`, () => {
    const { document } = createEmailMix("run", { badRatio: 0, bodySizeBytes })(0);
    deepEqual(parseEmailDocument(document), { ok: true, document });
    equal(new TextEncoder().encode(document.body).length, bodySizeBytes);
  });
}

for (const [badRatio, expected] of [[0, 0], [0.05, 5], [0.5, 50], [1, 100]] as const) {
  Deno.test(`createEmailMix() lets ${expected} of 100 emails bounce at a ratio of ${badRatio}`, () => {
    const emailOf = createEmailMix("run", { badRatio, bodySizeBytes: 1 });
    const emails = Array.from({ length: 100 }, (_, index) => emailOf(index));
    const bad = emails.filter(({ expected }) => expected === "deadLettered");
    equal(bad.length, expected);
    deepEqual(
      emails.filter(({ document }) => emulatedBounce(document.recipient.address)?.code === 550),
      bad,
    );
  });
}

Deno.test("createEmailMix() tells runs apart by the sender, emails by the subject", () => {
  const emailOf = createEmailMix("run", { badRatio: 0, bodySizeBytes: 1 });
  equal(emailOf(3).document.sender.address, senderOf("run"));
  notEqual(senderOf("run"), senderOf("other"));
  notEqual(emailOf(3).document.subject, emailOf(4).document.subject);
});
