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

Deno.test("loadCertificates() makes new ones 30 days before they expire, and not sooner", async () => {
  using database = openCertificates();
  const start = Date.now();
  const loadOn = (day: number) => loadCertificates(database, [], new Date(start + day * DAY_MS));
  const made = await loadOn(0);
  assert.deepEqual(await loadOn(334), made);
  const renewed = await loadOn(336);
  assert.notEqual(renewed.caPem, made.caPem);
  const { validTo } = new X509Certificate(renewed.certificatePem);
  assert.equal(Date.parse(validTo), Math.floor((start + (336 + 365) * DAY_MS) / 1_000) * 1_000);
  assert.deepEqual(await loadOn(337), renewed);
});

Deno.test("loadCertificates() makes new ones for a name that the stored ones lack", async () => {
  using database = openCertificates();
  const made = await loadCertificates(database);
  const named = await loadCertificates(database, ["mailtrap"]);
  assert.notEqual(named.caPem, made.caPem);
  const { subjectAltName } = new X509Certificate(named.certificatePem);
  assert.match(subjectAltName ?? "", /DNS:localhost, DNS:mailtrap, IP Address:127\.0\.0\.1/);
  assert.deepEqual(await loadCertificates(database, ["mailtrap"]), named);
  assert.deepEqual(await loadCertificates(database), named);
});
