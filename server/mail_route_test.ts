import { deepEqual, equal, match } from "node:assert/strict";
import type { ArchivedMail } from "@playground/shared/email";
import { createMailReader, type MailResult } from "./archive_client.ts";
import { problemOf, startTestApp } from "./testing/test_app.ts";

const DOCUMENT_ID = "d".repeat(64);
const MAIL: ArchivedMail = {
  documentId: DOCUMENT_ID,
  subject: "<script>alert(1)</script>",
  attachments: [],
  headers: [{ name: "X", value: "1" }],
  sizeBytes: 12,
  storedAt: "2026-11-01T12:00:00.000Z",
  deliveries: [{ mailtrapId: 1, receivedAt: "2026-11-01T12:00:00.000Z" }],
};

Deno.test("GET /api/mails/{documentId} answers the mail as JSON that must not be cached", async () => {
  const readMail = () => Promise.resolve<MailResult>({ status: "found", mail: MAIL });
  await using app = startTestApp({ readMail });
  const response = await app.request(`/api/mails/${DOCUMENT_ID}`);
  equal(response.status, 200);
  match(response.headers.get("content-type") ?? "", /^application\/json/);
  equal(response.headers.get("cache-control"), "no-store");
  deepEqual(await response.json(), MAIL);
});

for (const id of ["1", DOCUMENT_ID.toUpperCase(), "..%2fhealthz", "%00"]) {
  Deno.test(`GET /api/mails/${id} answers 404 and asks nobody`, async () => {
    await using app = startTestApp({
      readMail: () => Promise.reject(new Error("It must not be asked")),
    });
    await problemOf(await app.request(`/api/mails/${id}`), 404);
  });
}

const POLLER = new URL("http://poller.example:8082/base");

/** Reads the mail from a poller with this answer, and records the request. */
async function read(
  answer: () => Response | Promise<Response>,
  token?: string,
): Promise<{ result: MailResult; request: Request }> {
  let request = new Request(POLLER);
  const readMail = createMailReader(POLLER, token, async (input, init) => {
    request = new Request(String(input), { headers: init?.headers ?? {} });
    return await answer();
  });
  return { result: await readMail(DOCUMENT_ID), request };
}

Deno.test("createMailReader() asks the poller, with the token if set", async () => {
  const { result, request } = await read(() => Response.json(MAIL), "t0ken");
  deepEqual(result, { status: "found", mail: MAIL });
  equal(request.url, `http://poller.example:8082/base/archive/${DOCUMENT_ID}`);
  equal(request.headers.get("authorization"), "Bearer t0ken");
  const anonymous = await read(() => Response.json(MAIL));
  equal(anonymous.request.headers.get("authorization"), null);
});

Deno.test.each([
  ["answers 401", () => new Response(null, { status: 401 }), /the same API_TOKEN/],
  ["answers 403", () => new Response(null, { status: 403 }), /the same API_TOKEN/],
  ["answers 503", () => new Response(null, { status: 503 }), /answered 503/],
  ["answers HTML", () => new Response("<html>"), /: the answer is not valid JSON$/],
  ["answers something else", () => Response.json({ alive: true }), /not an archived mail/],
  [
    "cannot be reached",
    () => Promise.reject(new TypeError("fetch failed", { cause: new Error("refused") })),
    /refused$/,
  ],
])("createMailReader() is unavailable when the poller %s", async (_name, answer, reason) => {
  const { result } = await read(answer);
  match(result.status === "unavailable" ? result.reason : result.status, reason);
});

Deno.test("createMailReader() does not know a mail that the poller does not know", async () => {
  deepEqual((await read(() => new Response(null, { status: 404 }))).result, { status: "unknown" });
});
