import { deepEqual, equal, ok } from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { makeCertificates } from "./mod.ts";

Deno.test("makeCertificates() makes an authority, and a server certificate that it signed", () => {
  const made = makeCertificates({ names: ["localhost", "127.0.0.1"] });
  const authority = new X509Certificate(made.caPem);
  const server = new X509Certificate(made.certificatePem);
  deepEqual([authority.ca, server.ca], [true, false]);
  ok(authority.verify(authority.publicKey));
  ok(server.verify(authority.publicKey));
  equal(server.issuer, authority.subject);
  equal(server.subject, "CN=localhost");
  equal(server.subjectAltName, "DNS:localhost, IP Address:127.0.0.1");
});

Deno.test("makeCertificates() certifies many names, until a far year", () => {
  const validTo = new Date("2050-01-02T03:04:05Z");
  for (const count of [1, 2, 5]) {
    const names = Array.from({ length: count }, (_, index) => `${"a".repeat(60)}.${index}.example`);
    const made = makeCertificates({ names: ["localhost", ...names], validTo });
    const server = new X509Certificate(made.certificatePem);
    equal(server.subjectAltName, ["localhost", ...names].map((name) => `DNS:${name}`).join(", "));
    equal(Date.parse(server.validTo), validTo.getTime());
  }
});
