/**
 * Makes a server's certificate, and the authority that its clients trust, for servers that only this machine uses.
 *
 * It uses no library: those for it bring 23 packages along, a quarter of what a first `deno task dev` downloads.
 *
 * ```ts
 * import { makeCertificates } from "@playground/shared/certificates";
 *
 * const { caPem, certificatePem, privateKeyPem } = makeCertificates({ names: ["localhost"] });
 * ```
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** What {@linkcode makeCertificates} makes, in PEM. */
export interface Certificates {
  /** For the clients. The authority's key is not kept: nothing else is ever signed with it. */
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What {@linkcode makeCertificates} certifies. */
export interface CertificatesOptions {
  /** The server's names and IPv4 addresses. */
  readonly names: readonly [string, ...string[]];
  /** @default in a year */
  readonly validTo?: Date;
}

const HOUR_MS = 60 * 60 * 1000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/**
 * Makes an authority and the server's certificate, with ECDSA keys on P-256. They are two, since clients reject one that is both
 * (RFC 5280, section 4.2.1.9).
 */
export function makeCertificates(
  { names, validTo = new Date(Date.now() + YEAR_MS) }: CertificatesOptions,
): Certificates {
  const authorityKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const serverKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authority = { name: "Tracing Playground CA", ...authorityKeys };
  // Backdated, so that clients with a slow clock accept it.
  const validity = { validFrom: new Date(Date.now() - HOUR_MS), validTo };
  return {
    caPem: certificate(authority, { ...authority, ...validity }, [
      critical(OID.basicConstraints, sequence(TRUE, der(TAG.integer, [0]))),
      critical(OID.keyUsage, der(TAG.bitString, KEY_USAGE.signCertificatesAndLists)),
    ]),
    certificatePem: certificate(authority, { name: names[0], ...serverKeys, ...validity }, [
      critical(OID.basicConstraints, sequence()),
      critical(OID.keyUsage, der(TAG.bitString, KEY_USAGE.signHandshakes)),
      extension(OID.extendedKeyUsage, sequence(OID.serverAuthentication)),
      extension(OID.alternativeNames, sequence(...names.map(alternativeName))),
    ]),
    privateKeyPem: String(serverKeys.privateKey.export({ format: "pem", type: "pkcs8" })),
  };
}

interface Subject {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly validFrom: Date;
  readonly validTo: Date;
}

interface Issuer {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Signs a certificate (RFC 5280, section 4.1). */
function certificate(issuer: Issuer, subject: Subject, extensions: readonly Buffer[]): string {
  const signatureAlgorithm = sequence(OID.ecdsaWithSha256);
  const toBeSigned = sequence(
    der(TAG.version, der(TAG.integer, [2])),
    der(TAG.integer, serialNumber()),
    signatureAlgorithm,
    distinguishedName(issuer.name),
    sequence(time(subject.validFrom), time(subject.validTo)),
    distinguishedName(subject.name),
    subject.publicKey.export({ format: "der", type: "spki" }),
    der(
      TAG.extensions,
      sequence(
        extension(OID.subjectKeyIdentifier, der(TAG.octetString, keyIdentifier(subject.publicKey))),
        extension(
          OID.authorityKeyIdentifier,
          sequence(der(TAG.keyIdentifier, keyIdentifier(issuer.publicKey))),
        ),
        ...extensions,
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, issuer.privateKey);
  const lines = sequence(toBeSigned, signatureAlgorithm, der(TAG.bitString, [0], signature))
    .toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Identifiers of types (X.690, section 8.1.2; those of a context stand with their type in RFC 5280). */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  keyIdentifier: 0x80,
  dnsName: 0x82,
  ipAddress: 0x87,
  version: 0xa0,
  extensions: 0xa3,
} as const;

const TRUE = der(TAG.boolean, [0xff]);

const OID = {
  commonName: der(TAG.objectIdentifier, [0x55, 4, 3]),
  subjectKeyIdentifier: der(TAG.objectIdentifier, [0x55, 0x1d, 14]),
  keyUsage: der(TAG.objectIdentifier, [0x55, 0x1d, 15]),
  alternativeNames: der(TAG.objectIdentifier, [0x55, 0x1d, 17]),
  basicConstraints: der(TAG.objectIdentifier, [0x55, 0x1d, 19]),
  authorityKeyIdentifier: der(TAG.objectIdentifier, [0x55, 0x1d, 35]),
  extendedKeyUsage: der(TAG.objectIdentifier, [0x55, 0x1d, 37]),
  serverAuthentication: der(TAG.objectIdentifier, [0x2b, 6, 1, 5, 5, 7, 3, 1]),
  ecdsaWithSha256: der(TAG.objectIdentifier, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]),
} as const;

/** The number of unused bits, then the bits (RFC 5280, section 4.2.1.3). */
const KEY_USAGE = { signHandshakes: [7, 0x80], signCertificatesAndLists: [1, 0x06] } as const;

/** Type, length and contents (X.690, section 8.1). */
function der(tag: number, ...contents: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(contents.map((part) => Uint8Array.from(part)));
  const { length } = content;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...size), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(TAG.sequence, ...parts);
}

function extension(id: Uint8Array, value: Uint8Array): Buffer {
  return sequence(id, der(TAG.octetString, value));
}

function critical(id: Uint8Array, value: Uint8Array): Buffer {
  return sequence(id, TRUE, der(TAG.octetString, value));
}

function distinguishedName(commonName: string): Buffer {
  const name = der(TAG.utf8String, Buffer.from(commonName));
  return sequence(der(TAG.set, sequence(OID.commonName, name)));
}

function alternativeName(name: string): Buffer {
  return isIPv4(name)
    ? der(TAG.ipAddress, name.split(".").map(Number))
    : der(TAG.dnsName, Buffer.from(name));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha256").update(key.export({ format: "der", type: "spki" })).digest()
    .subarray(0, 20);
}

/** Positive, and without a leading zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | (bytes[0] ?? 0) & 0x3f;
  return bytes;
}

/** UTCTime until 2049 (RFC 5280, section 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, "");
  return date.getUTCFullYear() < 2050
    ? der(TAG.utcTime, Buffer.from(digits.slice(2)))
    : der(TAG.generalizedTime, Buffer.from(digits));
}
