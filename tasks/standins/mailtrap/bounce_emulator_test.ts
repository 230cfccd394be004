import assert from "node:assert/strict";
import fc from "fast-check";
import { emulatedBounce } from "./bounce_emulator.ts";

for (
  const [recipient, code, text] of [
    ["bounce+451+server+unavailable@any.domain", 451, "server unavailable"],
    ["Bounce+550+%4Eo+such+user@any.domain", 550, "No such user"],
    ["bounce+535+5.7.0+Monthly+messages@any.domain", 535, "5.7.0 Monthly messages"],
    ["bounce+554@any.domain", 554, ""],
    ["bounce+554+100%+off@any.domain", 554, "100% off"],
  ] as const
) {
  Deno.test(`emulatedBounce() reads the reply in ${recipient}`, () => {
    assert.deepEqual(emulatedBounce(recipient), { code, text });
  });
}

for (
  const recipient of [
    "someone@example.com",
    "bounce@example.com",
    "bounce+250+ok@example.com",
    "bounce+45+x@example.com",
    "bounce+4510@example.com",
    "a.bounce+451@example.com",
    "postmaster",
    "",
  ]
) {
  Deno.test(`emulatedBounce() leaves ${JSON.stringify(recipient)} alone`, () => {
    assert.equal(emulatedBounce(recipient), undefined);
  });
}

Deno.test("emulatedBounce() throws at no address", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assert.equal(emulatedBounce(`bounce+451+${text.replaceAll("@", "")}@any.domain`)?.code, 451);
  }));
});
