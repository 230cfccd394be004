import { X509Certificate } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

export const CERTIFICATES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS certificates (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    ca_pem          TEXT NOT NULL,
    certificate_pem TEXT NOT NULL,
    private_key_pem TEXT NOT NULL,
    expires_at_ms   INTEGER NOT NULL
  ) STRICT;
`;

/** All in PEM. */
export interface Certificates {
  /** For the clients. The authority's key is not kept: nothing else is ever signed with it. */
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VALIDITY_MS = 365 * DAY_MS;
/** A server that starts now may run for this long. */
const MIN_REMAINING_MS = 30 * DAY_MS;
/** Clients whose clock is a little behind accept a certificate that was made just now. */
const BACKDATED_MS = 60 * 60 * 1000;

const ALGORITHM = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;

/**
 * The certificates in a store; made when there are none, when they are about to expire, or when they lack a name. Clients that
 * were given the authority can thus keep it over a restart.
 */
export async function loadCertificates(
  database: DatabaseSync,
  names: readonly string[] = [],
  now: Date = new Date(),
): Promise<Certificates> {
  const row = database.prepare("SELECT * FROM certificates WHERE expires_at_ms >= ?")
    .get(now.getTime() + MIN_REMAINING_MS);
  if (row !== undefined && isFor(String(row.certificate_pem), names)) {
    return {
      caPem: String(row.ca_pem),
      certificatePem: String(row.certificate_pem),
      privateKeyPem: String(row.private_key_pem),
    };
  }
  const expiresAt = new Date(now.getTime() + VALIDITY_MS);
  const made = await makeCertificates(names, {
    notBeforeDate: new Date(now.getTime() - BACKDATED_MS),
    notAfterDate: expiresAt,
  });
  database.prepare("INSERT OR REPLACE INTO certificates VALUES (1, ?, ?, ?, ?)")
    .run(made.caPem, made.certificatePem, made.privateKeyPem, expiresAt.getTime());
  return made;
}

function isFor(certificatePem: string, names: readonly string[]): boolean {
  const certified = new X509Certificate(certificatePem).subjectAltName?.split(", ") ?? [];
  return names.every((name) => certified.includes(`DNS:${name}`));
}

/** Two certificates, since clients refuse one that is both an authority and a server (RFC 5280 section 4.2.1.9). */
async function makeCertificates(
  names: readonly string[],
  validity: { readonly notBeforeDate: Date; readonly notAfterDate: Date },
): Promise<Certificates> {
  // It takes a tenth of a second to load, and is needed once a year.
  const { generate } = await import("selfsigned");
  const authority = await generate([{ name: "commonName", value: "Tracing Playground CA" }], {
    ...ALGORITHM,
    ...validity,
    extensions: [
      { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...ALGORITHM,
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...["localhost", ...names].map((value) => ({ type: 2, value } as const)),
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { caPem: authority.cert, certificatePem: server.cert, privateKeyPem: server.private };
}
