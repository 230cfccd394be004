import assert from "node:assert/strict";
import fc from "fast-check";
import { emulatedBounce } from "./bounce_emulator.ts";
import type { NegativeReply } from "./replies.ts";

const REPLIES: Readonly<Record<string, NegativeReply | undefined>> = {
  "bounce+451+server+unavailable@any.domain": { code: 451, text: "server unavailable" },
  "Bounce+550+%4Eo+such+user@any.domain": { code: 550, text: "No such user" },
  "bounce+554@any.domain": { code: 554, text: "" },
  "bounce+554+100%+off@any.domain": { code: 554, text: "100% off" },
  "bounce@example.com": undefined,
  "bounce+250+ok@example.com": undefined,
  "bounce+45+x@example.com": undefined,
  "bounce+4510@example.com": undefined,
  "a.bounce+451@example.com": undefined,
  "postmaster": undefined,
  "": undefined,
};

for (const [recipient, reply] of Object.entries(REPLIES)) {
  const outcome = reply === undefined ? "leaves alone" : "reads the reply in";
  Deno.test(`emulatedBounce() ${outcome} ${JSON.stringify(recipient)}`, () => {
    assert.deepEqual(emulatedBounce(recipient), reply);
  });
}

Deno.test("emulatedBounce() throws at no address", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assert.equal(emulatedBounce(`bounce+451+${text.replaceAll("@", "")}@any.domain`)?.code, 451);
  }));
});
