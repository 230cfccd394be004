import { X509Certificate } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { type Certificates, makeCertificates } from "@playground/shared/certificates";

export const CERTIFICATES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS certificates (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    ca_pem          TEXT NOT NULL,
    certificate_pem TEXT NOT NULL,
    private_key_pem TEXT NOT NULL,
    expires_at_ms   INTEGER NOT NULL
  ) STRICT;
`;

const DAY_MS = 24 * 60 * 60 * 1000;
const VALIDITY_MS = 365 * DAY_MS;
/** How long a server that starts now may run. */
const MIN_REMAINING_MS = 30 * DAY_MS;

/**
 * The certificates in a store, created when there are none, when they are about to expire, or when they lack a name. The
 * authority survives a restart, so clients can keep it.
 */
export function loadCertificates(
  database: DatabaseSync,
  names: readonly string[] = [],
  now: Date = new Date(),
): Certificates {
  const row = database.prepare("SELECT * FROM certificates WHERE expires_at_ms >= ?")
    .get(now.getTime() + MIN_REMAINING_MS);
  if (row !== undefined && isFor(String(row.certificate_pem), names)) {
    return {
      caPem: String(row.ca_pem),
      certificatePem: String(row.certificate_pem),
      privateKeyPem: String(row.private_key_pem),
    };
  }
  const validTo = new Date(now.getTime() + VALIDITY_MS);
  const made = makeCertificates({ names: ["localhost", ...names, "127.0.0.1"], validTo });
  database.prepare("INSERT OR REPLACE INTO certificates VALUES (1, ?, ?, ?, ?)")
    .run(made.caPem, made.certificatePem, made.privateKeyPem, validTo.getTime());
  return made;
}

function isFor(certificatePem: string, names: readonly string[]): boolean {
  const certified = new X509Certificate(certificatePem).subjectAltName?.split(", ") ?? [];
  return names.every((name) => certified.includes(`DNS:${name}`));
}
