import { Buffer } from "node:buffer";
import { ROUTING_KEY } from "@playground/shared/amqp";
import { EMAIL } from "../fixture/emails.ts";
import type { SeededRandom } from "../fixture/random.ts";

/** A request as bytes, since a client would refuse to send most of them. */
export interface GeneratedRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the request is complete; else the caller leaves in the middle of it. */
  readonly isWhole: boolean;
}

const METHODS = "POST GET PUT DELETE HEAD OPTIONS PATCH post TRACE X-Y".split(" ");
const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const PATHS = [
  ...("/email /email/ / /healthz /readyz /openapi.json /api/emails /api/events /api/faults " +
    "/api/faults/smtp.reply /api/traces/x /api/traces /api/compare /page/main.js /%00 /% /%ff%fe /api/faults/%2e%2e%2f " +
    "//example.com/email * http://127.0.0.1/email /..;/email").split(" "),
  `/api/mails/${"d".repeat(64)}`,
  `/api/traces/${TRACE_ID}`,
  `/${"a/".repeat(2_000)}`,
];
const QUERIES = `   ?limit=5 ?limit=1e9 ?limit[]= ?trace=${TRACE_ID} ?% ?a=b#c`.split(" ");
const VERSIONS = "1.1 1.1 1.1 1.1 1.1 1.0 2.0 1".split(" ");
const HOSTS = ["localhost:8080", "[::1]", "evil.example", "", "a b", "h:99999", "[::1]x", "h/path"];
const LONG_TEXTS = ["1".repeat(300), "z".repeat(9_000)];
const TEXTS = ["", "x", "ä", "\u0000", "a\tb", "{}", "-1", ROUTING_KEY, ...LONG_TEXTS];

/** Header fields by name, each with values from right to absurd. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "content-type": [
    "application/json",
    "application/json; charset=utf-8",
    "application/problem+json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/json,",
    ";",
  ],
  "content-encoding": ["identity", "gzip", "br, gzip", "x"],
  "idempotency-key": ["key-1", "ä", "a b", "k".repeat(255), "k".repeat(256)],
  "accept": ["*/*", "text/event-stream", "\u00ff"],
  "expect": ["100-continue", "200-maybe"],
  "origin": ["null", "http://127.0.0.1", "http://evil.example", "::"],
  "sec-fetch-site": ["same-origin", "cross-site", "none", "?"],
  "authorization": ["Bearer x", "Basic Og==", "Bearer", ""],
  "b3": ["0", "d", `${TRACE_ID}-a2fb4a1d1a96d312-1`, `${TRACE_ID}-1`, "-", "1-1-1-1-1"],
  "x-b3-traceid": [TRACE_ID, "0".repeat(32), "x", "1".repeat(33)],
  "x-b3-spanid": ["a2fb4a1d1a96d312", "0".repeat(16), ""],
  "x-b3-sampled": ["0", "1", "true", "d"],
  "x-b3-flags": ["1", "2"],
  "traceparent": [
    `00-${TRACE_ID}-a2fb4a1d1a96d312-01`,
    `ff-${TRACE_ID}-a2fb4a1d1a96d312-01`,
    "00-",
  ],
  "tracestate": ["a=b", "=,=", "x".repeat(600)],
  "baggage": ["a=b", ";;"],
  "x-synthetic": ["true", "false"],
  "upgrade": ["websocket", "h2c"],
  "connection": ["close", "keep-alive, Upgrade", "x-b3-traceid"],
  "cookie": ["a=b; c", "="],
  "range": ["bytes=0-", "x"],
  "if-none-match": ["*", '"x"', "W/"],
};

const encoder = new TextEncoder();
const LINE_END = encoder.encode("\r\n");

/** Makes the next request of a sequence. Most of it is right, so that the server gets as far as the wrong part. */
export function generateRequest(random: SeededRandom): GeneratedRequest {
  const isEmail = random.next() < 0.6;
  const method = isEmail ? "POST" : random.pick(METHODS);
  const target = isEmail ? "/email" : random.pick(PATHS) + random.pick(QUERIES);
  const fields: string[] = [];
  if (random.next() < 0.98) {
    fields.push(`Host: ${random.next() < 0.9 ? "127.0.0.1" : random.pick(HOSTS)}`);
  }
  for (let count = random.between(0, 4); count > 0; count--) {
    const name = random.pick(Object.keys(HEADERS));
    const value = random.next() < 0.9 ? random.pick(HEADERS[name] ?? []) : random.pick(TEXTS);
    fields.push(`${name}: ${value}`);
  }
  if (random.next() < 0.01) {
    fields.push(...Array.from({ length: 150 }, (_, index) => `x-${index}: y`));
  }
  if (random.next() < 0.01) {
    fields.push(random.pick(["no colon", ": no name", "a b: c", "x:\u0001"]));
  }
  const body = isEmail || random.next() < 0.4 ? generateBody(random) : new Uint8Array();
  const framed = frame(body, random);
  const head = [`${method} ${target} HTTP/${random.pick(VERSIONS)}`, ...fields, ...framed.fields];
  const bytes = Buffer.concat([encoder.encode(head.join("\r\n") + "\r\n\r\n"), ...framed.pieces]);
  if (random.next() < 0.97) return { bytes, isWhole: framed.isWhole };
  return { bytes: bytes.slice(0, random.between(1, bytes.length)), isWhole: false };
}

/** Frames a body (RFC 9112 section 6) in one of two ways, or wrongly: then it is not complete. */
function frame(body: Uint8Array, random: SeededRandom) {
  const kind = random.next();
  if (kind < 0.6) {
    return { fields: [`Content-Length: ${body.length}`], pieces: [body], isWhole: true };
  }
  if (kind < 0.85) {
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < body.length;) {
      const piece = body.subarray(from, from + random.between(1, 5_000));
      pieces.push(encoder.encode(`${piece.length.toString(16)}\r\n`), piece, LINE_END);
      from += piece.length;
    }
    const isWhole = random.next() < 0.9;
    const wrongEnds = ["", "0", "0\r\n", "zz\r\n", "ffffffffffffffff\r\n"];
    pieces.push(encoder.encode(isWhole ? "0\r\n\r\n" : random.pick(wrongEnds)));
    return { fields: ["Transfer-Encoding: chunked"], pieces, isWhole };
  }
  const fields = random.pick([
    [],
    ["Content-Length: -1"],
    ["Content-Length: 1e3"],
    ["Content-Length: 99999999999999999999"],
    [`Content-Length: ${body.length + 10}`],
    ["Content-Length: 1", "Content-Length: 2"],
    [`Content-Length: ${body.length}`, "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: gzip"],
  ]);
  return { fields, pieces: [body], isWhole: false };
}

const DOCUMENT = { ...EMAIL, sender: { ...EMAIL.sender, display: "Me" } };

function generateBody(random: SeededRandom): Uint8Array {
  const kind = random.next();
  if (kind < 0.3) return encoder.encode(JSON.stringify(DOCUMENT));
  if (kind < 0.6) return encoder.encode(JSON.stringify(mutate(DOCUMENT, random)));
  if (kind < 0.8) {
    // A text with some of its bytes changed: no JSON, or no UTF-8, or another document.
    const bytes = encoder.encode(JSON.stringify(mutate(DOCUMENT, random)));
    for (let count = random.between(1, 3); count > 0; count--) {
      bytes[random.between(0, bytes.length - 1)] = random.between(0, 255);
    }
    return bytes;
  }
  if (kind < 0.97) return encoder.encode(JSON.stringify(randomValue(random, 4)) ?? "");
  return encoder.encode(random.pick(["[", '{"a":']).repeat(random.between(1, 20_000)));
}

/** The same document with one member missing, added or another. */
function mutate(document: Readonly<Record<string, unknown>>, random: SeededRandom): unknown {
  const name = random.pick([...Object.keys(document), "extra", "__proto__", "toJSON"]);
  const old = document[name];
  if (isObject(old) && random.next() < 0.6) return { ...document, [name]: mutate(old, random) };
  const { [name]: _, ...others } = document;
  return random.next() < 0.2 ? others : { ...document, [name]: randomValue(random, 3) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const SCALARS: readonly unknown[] = [
  ...[null, true, 0, -0, 1e308, 2 ** 53],
  ...["", "a@b", "\ud800", "a\r\nBcc: b@example.com", "\u0000", "漢字@例え.テスト", "<b>&\"'"],
  ...["x".repeat(999), "💥".repeat(20)],
];

function randomValue(random: SeededRandom, depth: number): unknown {
  const kind = random.next();
  if (depth === 0 || kind < 0.6) return random.pick(SCALARS);
  const values = Array.from({ length: random.between(0, 4) }, () => randomValue(random, depth - 1));
  if (kind < 0.75) return values;
  return Object.fromEntries(
    values.map((value) => [random.pick(["address", "body", "", "ä"]), value]),
  );
}
