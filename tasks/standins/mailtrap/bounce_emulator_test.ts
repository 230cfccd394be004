import assert from "node:assert/strict";
import fc from "fast-check";
import { emulatedBounce } from "./bounce_emulator.ts";

for (
  const { recipient, expected } of [
    {
      recipient: "bounce+451+server+unavailable@any.domain",
      expected: { code: 451, text: "server unavailable" },
    },
    {
      recipient: "Bounce+550+%4Eo+such+user@any.domain",
      expected: { code: 550, text: "No such user" },
    },
    { recipient: "bounce+554@any.domain", expected: { code: 554, text: "" } },
    { recipient: "bounce+554+100%+off@any.domain", expected: { code: 554, text: "100% off" } },
    ...["someone@example.com", "bounce@example.com", "bounce+250+ok@example.com", "postmaster", ""]
      .map((recipient) => ({ recipient, expected: undefined })),
    ...["bounce+45+x@example.com", "bounce+4510@example.com", "a.bounce+451@example.com"]
      .map((recipient) => ({ recipient, expected: undefined })),
  ]
) {
  const outcome = expected === undefined ? "leaves alone" : "reads the reply in";
  Deno.test(`emulatedBounce() ${outcome} ${JSON.stringify(recipient)}`, () => {
    assert.deepEqual(emulatedBounce(recipient), expected);
  });
}

Deno.test("emulatedBounce() throws at no address", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assert.equal(emulatedBounce(`bounce+451+${text.replaceAll("@", "")}@any.domain`)?.code, 451);
  }));
});
