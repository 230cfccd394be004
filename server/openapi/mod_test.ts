import { deepEqual, equal, ok } from "node:assert/strict";
import { MAX_BODY_BYTES, parseEmailDocument } from "@playground/shared/email";
import * as fc from "fast-check";
import { z } from "zod";
import { DOCUMENT, readerOf, startTestApp } from "../testing/test_app.ts";
import { describeApi } from "./mod.ts";

const { paths, components: { schemas } } = describeApi({ requiresToken: false });

Deno.test("GET /openapi.json asks for a token where the server does", async () => {
  for (const apiToken of [undefined, "secret"]) {
    await using app = startTestApp({ apiToken });
    const { security } = await (await app.request("/openapi.json")).json();
    deepEqual(security, apiToken === undefined ? [] : [{ token: [] }]);
  }
});

Deno.test("GET /openapi.json has every route of the API, and every answer of POST /email", async () => {
  await using app = startTestApp();
  const served = app.app.routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`)
    .filter((route) => /^[A-Z]+ \/(?:email$|api\/)/.test(route));
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
  );
  // Requests for the others are passed on.
  const isOwn = (route: string) => !/\/api\/(?:faults|lessons|mystery)/.test(route);
  deepEqual(described.filter(isOwn).toSorted(), served.toSorted());
  equal(described.filter((route) => !isOwn(route)).length, 13);
  deepEqual(
    Object.keys(paths["/email"]?.post?.responses ?? {}).map(Number),
    [202, 400, 401, 403, 408, 413, 415, 422, 503],
  );
});

Deno.test("GET /openapi.json names the members of the answers", async () => {
  await using app = startTestApp();
  const { required = [], properties = {} } = schemas.Accepted;
  const accepted: object = await (await app.post(DOCUMENT)).json();
  // With a collector, the addresses are present.
  deepEqual(Object.keys(accepted), Object.keys(properties));
  deepEqual(Object.keys(accepted), [...required, "traceUrl", "pageUrl"]);
  const problem: object = await (await app.post({})).json();
  ok(schemas.Problem.required?.every((name) => name in problem));
});

/** Whether a parameter's published pattern matches a value. */
function takes(path: string, name: string, value: string): boolean {
  const parameters = Object.values(paths[path] ?? {}).flatMap((item) => item.parameters ?? []);
  const { schema } = parameters.find((parameter) => parameter.name === name) ?? {};
  return new RegExp(z.object({ pattern: z.string() }).parse(schema).pattern, "u").test(value);
}

for (
  const [key, isValid] of [
    ["k", true],
    ["0190d6f2-8c1a-7a60-8000-000000000001", true],
    ["!~", true],
    ["k".repeat(255), true],
    ["k".repeat(256), false],
    ["a b", false],
    ["\u00e4", false],
    ["", false],
  ] as const
) {
  Deno.test(`the published pattern of the Idempotency-Key and POST /email agree on "${key.slice(0, 40)}"`, async () => {
    equal(takes("/email", "Idempotency-Key", key), isValid);
    await using app = startTestApp();
    equal((await app.post(DOCUMENT, { "idempotency-key": key })).status, isValid ? 202 : 400);
  });
}

Deno.test.each([
  ["463ac35c9f6413ad48485a3978bb5ecc", true],
  ["0".repeat(31) + "1", true],
  ["463ac35c9f6413ad", true],
  ["463ac35c9f6413ad4", false],
  ["463ac35c9f6413ad48485a3978bb5ecc0", false],
  ["1", false],
  ["0".repeat(16), false],
  ["0".repeat(32), false],
  ["463AC35C9F6413AD48485A3978BB5ECC", false],
  ["x".repeat(32), false],
])("the published patterns and the routes agree on the trace %s", async (id, isValid) => {
  equal(takes("/api/traces/{id}", "id", id), isValid);
  equal(takes("/api/events", "trace", id), isValid);
  await using app = startTestApp({ emails: readerOf({ status: "unknown" }) });
  for (const path of [`/api/traces/${id}`, `/api/events?trace=${id}`]) {
    const { status, body } = await app.request(path);
    await body?.cancel();
    equal(status === 400, !isValid);
  }
});

const published = z.fromJSONSchema(schemas.Email);

const party = fc.record({
  address: fc.oneof(fc.emailAddress(), fc.constantFrom("alice@example.com", "alice", "")),
  display: fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("a\r\nb", "x".repeat(999))),
}, { requiredKeys: [] });
const documents = fc.record({
  sender: party,
  recipient: fc.oneof(party, fc.jsonValue()),
  subject: fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", "x".repeat(999), 1)),
  body: fc.oneof(fc.string({ unit: "binary" }), fc.constant("")),
  unknown: fc.jsonValue(),
}, { requiredKeys: [] });

Deno.test("the published schema takes what the validator takes", () => {
  fc.assert(
    fc.property(documents, (document) => {
      if (parseEmailDocument(document).ok) {
        ok(published.safeParse(document).success, JSON.stringify(document));
      }
    }),
    { numRuns: 500 },
  );
  ok(published.safeParse({ ...DOCUMENT, body: "b".repeat(MAX_BODY_BYTES) }).success);
});

Deno.test.each([
  [true, "an atom of any character", from("#a&b!/~=+'@example.com")],
  [true, "a top-level domain in Punycode", from("a@b.xn--p1ai")],
  [true, "an address beyond ASCII", from("用户@例子.example")],
  [true, "a long local part", from(`${"a".repeat(200)}@b.example`)],
  [true, "the longest subject", { ...DOCUMENT, subject: "x".repeat(998) }],
  [false, "no object", "text"],
  [false, "a missing member", { ...DOCUMENT, subject: undefined }],
  [false, "no address", { ...DOCUMENT, sender: {} }],
  [false, "an invalid address", from("alice")],
  [false, "a quoted local part", from('"a b"@example.com')],
  [false, "an address literal", from("a@[127.0.0.1]")],
  [false, "a label that is too long", from(`a@${"b".repeat(64)}.example`)],
  [false, "a hyphen at the end of a label", from("a@b-.example")],
  [false, "an address that is too long", from(`${"a".repeat(250)}@b.example`)],
  [false, "an empty subject", { ...DOCUMENT, subject: "" }],
  [false, "a subject that is too long", { ...DOCUMENT, subject: "x".repeat(999) }],
  [false, "a line end in the subject", { ...DOCUMENT, subject: "a\nb" }],
  [false, "NUL in a display name", { ...DOCUMENT, sender: { ...DOCUMENT.sender, display: "\0" } }],
  [false, "an empty body", { ...DOCUMENT, body: "" }],
])("the published schema and the validator say %s to %s", (isValid, _name, document) => {
  equal(published.safeParse(document).success, isValid);
  equal(parseEmailDocument(document).ok, isValid);
});

function from(address: string): object {
  return { ...DOCUMENT, sender: { address } };
}
