import { deepEqual, equal, ok } from "node:assert/strict";
import { MAX_BODY_BYTES, parseEmailDocument } from "@playground/shared/email";
import * as fc from "fast-check";
import { z } from "zod";
import { DOCUMENT, readerOf, startTestApp, type TestAppOptions } from "../testing/test_app.ts";

/** The parts of an OpenAPI document that are looked at (https://spec.openapis.org/oas/v3.1.0). */
const openApi = z.object({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.string().regex(/^\d+\.\d+\.\d+/) }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith("/"),
    z.partialRecord(
      z.enum(["get", "post", "put", "delete"]),
      z.object({
        operationId: z.string(),
        tags: z.array(z.enum(["Emails", "Faults"])).length(1),
        summary: z.string(),
        parameters: z.array(z.object({
          name: z.string(),
          in: z.enum(["path", "header", "query"]),
          required: z.boolean(),
          description: z.string(),
          schema: z.looseObject({ type: z.string() }),
        })).default([]),
        responses: z.record(
          z.string().regex(/^[2-5]\d\d$/),
          z.looseObject({ description: z.string() }),
        ),
      }),
    ),
  ),
  components: z.object({
    schemas: z.object({
      Email: z.record(z.string(), z.json()),
      Accepted: z.looseObject({ required: z.array(z.string()) }),
      Problem: z.looseObject({ required: z.array(z.string()) }),
    }),
  }),
});

async function servedText(): Promise<string> {
  await using app = startTestApp();
  const response = await app.request("/openapi.json");
  equal(response.status, 200);
  return await response.text();
}

Deno.test("GET /openapi.json is an OpenAPI document", async () => {
  const document = openApi.parse(JSON.parse(await servedText()));

  for (const [path, operations] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters } of Object.values(operations)) {
      const declared = parameters.filter((parameter) => parameter.in === "path");
      deepEqual(declared.map(({ name }) => name), inPath);
      ok(declared.every(({ required }) => required));
    }
  }
});

Deno.test("GET /openapi.json refers to nothing that it does not have", async () => {
  const text = await servedText();
  const document: unknown = JSON.parse(text);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? "");
  ok(references.length > 0);
  for (const reference of new Set(references)) {
    let target = document;
    for (const key of reference.split("/")) {
      ok(typeof target === "object" && target !== null, reference);
      target = Object.entries(target).find(([name]) => name === key)?.[1];
    }
    ok(target !== undefined, reference);
  }
});

Deno.test("GET /openapi.json describes every answer of POST /email", async () => {
  const { paths } = openApi.parse(JSON.parse(await servedText()));
  deepEqual(Object.keys(paths["/email"]?.post?.responses ?? {}), [
    "202",
    "400",
    "401",
    "403",
    "408",
    "413",
    "415",
    "422",
    "503",
  ]);
});

Deno.test("GET /openapi.json asks for a token where the server does", async () => {
  const securityOf = async (options: TestAppOptions) => {
    await using app = startTestApp(options);
    return openApi.parse(await (await app.request("/openapi.json")).json()).security;
  };
  deepEqual(await securityOf({ apiToken: "secret" }), [{ token: [] }]);
  deepEqual(await securityOf({}), []);
});

Deno.test("GET /openapi.json has every route of the API", async () => {
  const { paths } = openApi.parse(JSON.parse(await servedText()));
  deepEqual(
    Object.entries(paths).map(([path, operations]) => [path, Object.keys(operations)]),
    [
      ["/email", ["post"]],
      ["/api/emails", ["get"]],
      ["/api/traces/{id}", ["get"]],
      ["/api/events", ["get"]],
      ["/api/mails/{documentId}", ["get"]],
      ["/api/faults", ["get", "delete"]],
      ["/api/faults/{name}", ["put", "delete"]],
    ],
  );
});

Deno.test("GET /openapi.json names the members of the answers", async () => {
  await using app = startTestApp();
  const { components: { schemas } } = openApi.parse(JSON.parse(await servedText()));

  const accepted: object = await (await app.post(DOCUMENT)).json();
  // The address of the trace is there where there is a collector.
  deepEqual(Object.keys(accepted), [...schemas.Accepted.required, "traceUrl"]);
  const problem: object = await (await app.post({})).json();
  ok(schemas.Problem.required.every((name) => name in problem));
});

/** The published schema of an email as a validator of its own. */
async function publishedSchema(): Promise<z.ZodType> {
  const { components } = openApi.parse(JSON.parse(await servedText()));
  return z.fromJSONSchema(components.schemas.Email);
}

function patternOf(schema: unknown): RegExp {
  return new RegExp(z.object({ pattern: z.string() }).parse(schema).pattern, "u");
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
    const { paths } = openApi.parse(JSON.parse(await servedText()));
    const published = paths["/email"]?.post?.parameters.find(({ name }) =>
      name === "Idempotency-Key"
    );
    equal(patternOf(published?.schema).test(key), isValid);
    await using app = startTestApp();
    equal((await app.post(DOCUMENT, { "idempotency-key": key })).status, isValid ? 202 : 400);
  });
}

for (const [operation, parameter] of [["/api/traces/{id}", "id"], ["/api/events", "trace"]]) {
  for (
    const [id, isValid] of [
      ["463ac35c9f6413ad48485a3978bb5ecc", true],
      ["0".repeat(31) + "1", true],
      ["0".repeat(32), false],
      ["463AC35C9F6413AD48485A3978BB5ECC", false],
      ["x".repeat(32), false],
    ] as const
  ) {
    Deno.test(`the published pattern and GET ${operation} agree on ${id}`, async () => {
      const { paths } = openApi.parse(JSON.parse(await servedText()));
      const published = paths[operation ?? ""]?.get?.parameters.find(({ name }) =>
        name === parameter
      );
      equal(patternOf(published?.schema).test(id), isValid);
      await using app = startTestApp({ emails: readerOf({ status: "unknown" }) });
      const path = operation === "/api/events" ? `/api/events?trace=${id}` : `/api/traces/${id}`;
      const response = await app.request(path);
      await response.body?.cancel();
      equal(response.status === 400, !isValid);
    });
  }
}

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

Deno.test("the published schema takes what the validator takes", async () => {
  const published = await publishedSchema();
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

const takenByBoth: Readonly<Record<string, unknown>> = {
  "an atom of any character": { ...DOCUMENT, recipient: { address: "#a&b!/~=+'@example.com" } },
  "a top-level domain in Punycode": { ...DOCUMENT, recipient: { address: "a@b.xn--p1ai" } },
  "an address beyond ASCII": { ...DOCUMENT, recipient: { address: "用户@例子.example" } },
  "a long local part": { ...DOCUMENT, recipient: { address: `${"a".repeat(200)}@b.example` } },
  "the longest subject": { ...DOCUMENT, subject: "x".repeat(998) },
};
for (const [name, document] of Object.entries(takenByBoth)) {
  Deno.test(`the published schema takes ${name}, as the validator does`, async () => {
    ok((await publishedSchema()).safeParse(document).success);
    ok(parseEmailDocument(document).ok);
  });
}

const refusedByBoth: Readonly<Record<string, unknown>> = {
  "no object": "text",
  "a missing member": { ...DOCUMENT, subject: undefined },
  "no address": { ...DOCUMENT, sender: {} },
  "an invalid address": { ...DOCUMENT, sender: { address: "alice" } },
  "a quoted local part": { ...DOCUMENT, sender: { address: '"a b"@example.com' } },
  "an address literal": { ...DOCUMENT, sender: { address: "a@[127.0.0.1]" } },
  "a label that is too long": { ...DOCUMENT, sender: { address: `a@${"b".repeat(64)}.example` } },
  "a hyphen at the end of a label": { ...DOCUMENT, sender: { address: "a@b-.example" } },
  "an address that is too long": {
    ...DOCUMENT,
    sender: { address: `${"a".repeat(250)}@b.example` },
  },
  "an empty subject": { ...DOCUMENT, subject: "" },
  "a subject that is too long": { ...DOCUMENT, subject: "x".repeat(999) },
  "a line end in the subject": { ...DOCUMENT, subject: "a\nb" },
  "NUL in the display name": { ...DOCUMENT, sender: { ...DOCUMENT.sender, display: "\0" } },
  "an empty body": { ...DOCUMENT, body: "" },
};
for (const [name, document] of Object.entries(refusedByBoth)) {
  Deno.test(`the published schema refuses ${name}, as the validator does`, async () => {
    equal((await publishedSchema()).safeParse(document).success, false);
    equal(parseEmailDocument(document).ok, false);
  });
}
