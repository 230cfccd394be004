import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { SqliteStore } from "../sqlite.ts";
import { CERTIFICATES_SCHEMA, loadCertificates } from "./certificates.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

const openCertificates = () => new SqliteStore("mailtrap", undefined, CERTIFICATES_SCHEMA);

Deno.test("loadCertificates() makes new ones 30 days before they expire, and not sooner", () => {
  using database = openCertificates();
  const start = Date.now();
  const loadOn = (day: number) => loadCertificates(database, [], new Date(start + day * DAY_MS));
  const made = loadOn(0);
  assert.deepEqual(loadOn(334), made);
  const renewed = loadOn(336);
  assert.notEqual(renewed.caPem, made.caPem);
  const { validTo } = new X509Certificate(renewed.certificatePem);
  assert.equal(Date.parse(validTo), Math.floor((start + (336 + 365) * DAY_MS) / 1_000) * 1_000);
  assert.deepEqual(loadOn(337), renewed);
});

Deno.test("loadCertificates() makes new ones for a name that the stored ones lack", () => {
  using database = openCertificates();
  const made = loadCertificates(database);
  const named = loadCertificates(database, ["mailtrap"]);
  assert.notEqual(named.caPem, made.caPem);
  const { subjectAltName } = new X509Certificate(named.certificatePem);
  assert.match(subjectAltName ?? "", /DNS:localhost, DNS:mailtrap, IP Address:127\.0\.0\.1/);
  assert.deepEqual(loadCertificates(database, ["mailtrap"]), named);
  assert.deepEqual(loadCertificates(database), named);
});
