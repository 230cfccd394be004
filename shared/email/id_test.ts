import { equal, match, notEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import type { EmailDocument } from "./document.ts";
import { idempotentEmailId, uuidOf } from "./id.ts";

const DOCUMENT: EmailDocument = {
  sender: { address: "alice@example.com", display: "Alice" },
  recipient: { address: "bob@example.org" },
  subject: "Hello",
  body: "Hello, Bob",
};
const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const documents: fc.Arbitrary<EmailDocument> = fc.record({
  sender: fc.record({ address: fc.emailAddress(), display: fc.string() }, {
    requiredKeys: ["address"],
  }),
  recipient: fc.record({ address: fc.emailAddress() }),
  subject: fc.string(),
  body: fc.string(),
});

Deno.test("uuidOf() is a UUID of version 8 made of the text's SHA-256", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
    const uuid = await uuidOf(text);
    match(uuid, UUID_V8);
    const digest = createHash("sha256").update(text).digest("hex").slice(0, 32);
    const free = (hex: string) => hex.slice(0, 12) + hex.slice(13, 16) + hex.slice(17);
    equal(free(uuid.replaceAll("-", "")), free(digest));
  }));
});

Deno.test("idempotentEmailId() is the same in every version of the playground", async () => {
  // A changed value would let an email that is sent again after an update be archived twice.
  equal(await idempotentEmailId("order-42", DOCUMENT), "6a2f8724-5a44-8959-b72c-715dc302434f");
});

Deno.test("idempotentEmailId() is the same for an equal document, whatever the order of its members", async () => {
  await fc.assert(fc.asyncProperty(fc.string(), documents, async (key, document) => {
    const { sender, recipient, subject, body } = document;
    const reordered = {
      body,
      subject,
      recipient: { display: undefined, ...recipient },
      sender: { display: sender.display, address: sender.address },
    };
    equal(await idempotentEmailId(key, reordered), await idempotentEmailId(key, document));
  }));
});

const changes: Readonly<Record<string, EmailDocument>> = {
  "another sender": { ...DOCUMENT, sender: { ...DOCUMENT.sender, address: "carol@example.com" } },
  "another display name": { ...DOCUMENT, sender: { ...DOCUMENT.sender, display: "A." } },
  "no display name": { ...DOCUMENT, sender: { address: DOCUMENT.sender.address } },
  "an empty display name": { ...DOCUMENT, recipient: { ...DOCUMENT.recipient, display: "" } },
  "another recipient": { ...DOCUMENT, recipient: { address: "carol@example.com" } },
  "swapped parties": { ...DOCUMENT, sender: DOCUMENT.recipient, recipient: DOCUMENT.sender },
  "another subject": { ...DOCUMENT, subject: "Hello!" },
  "another body": { ...DOCUMENT, body: "Hello, Bob " },
  "text moved from subject to body": { ...DOCUMENT, subject: "", body: "HelloHello, Bob" },
};
for (const [name, document] of Object.entries(changes)) {
  Deno.test(`idempotentEmailId() differs for ${name}`, async () => {
    notEqual(await idempotentEmailId("key", document), await idempotentEmailId("key", DOCUMENT));
  });
}
