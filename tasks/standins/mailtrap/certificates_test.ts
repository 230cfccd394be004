import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { openStore } from "../sqlite.ts";
import { CERTIFICATES_SCHEMA, loadCertificates } from "./certificates.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

const openCertificates = () => openStore("mailtrap", undefined, CERTIFICATES_SCHEMA);

Deno.test("loadCertificates() makes an authority, and a server certificate that is none", async () => {
  using database = openCertificates();
  const { caPem, certificatePem } = await loadCertificates(database);
  const authority = new X509Certificate(caPem);
  const server = new X509Certificate(certificatePem);
  assert.equal(authority.ca, true);
  assert.equal(server.ca, false);
  assert.equal(server.issuer, authority.subject);
  assert.match(server.subjectAltName ?? "", /DNS:localhost.*IP Address:127\.0\.0\.1/);
});

Deno.test("loadCertificates() returns what is stored while it is valid for 30 more days", async () => {
  using database = openCertificates();
  const start = Date.now();
  const made = await loadCertificates(database, new Date(start));
  assert.deepEqual(await loadCertificates(database, new Date(start + 334 * DAY_MS)), made);
});

Deno.test("loadCertificates() makes new ones in good time before they expire", async () => {
  using database = openCertificates();
  const start = Date.now();
  const made = await loadCertificates(database, new Date(start));
  const renewed = await loadCertificates(database, new Date(start + 336 * DAY_MS));
  assert.notEqual(renewed.caPem, made.caPem);
  assert.equal(renewed.expiresAt.getTime(), start + (336 + 365) * DAY_MS);
  assert.deepEqual(await loadCertificates(database, new Date(start + 337 * DAY_MS)), renewed);
});

Deno.test("loadCertificates() makes new ones for a name that the stored ones lack", async () => {
  using database = openCertificates();
  const made = await loadCertificates(database);
  const named = await loadCertificates(database, new Date(), ["mailtrap"]);
  assert.notEqual(named.caPem, made.caPem);
  const { subjectAltName } = new X509Certificate(named.certificatePem);
  assert.match(subjectAltName ?? "", /DNS:localhost, DNS:mailtrap, IP Address:127\.0\.0\.1/);
  assert.deepEqual(await loadCertificates(database, new Date(), ["mailtrap"]), named);
  assert.deepEqual(await loadCertificates(database), named);
});
