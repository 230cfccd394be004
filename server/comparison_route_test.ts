import { deepEqual, equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  archived,
  emailIdOf,
  firstAttempt,
  ofEmail,
  published,
  received,
} from "./testing/email_spans.ts";
import { problemOf, startTestApp } from "./testing/test_app.ts";
import { describeEmailTrace, type EmailReader, traceComparison } from "./trace_view/mod.ts";

const traceIdOf = (number: number) => String(number).repeat(32);
const email = (number: number, spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] =>
  ofEmail(number, spans).map((span) => ({ ...span, traceId: traceIdOf(number) }));

const HEALTHY = [...firstAttempt("delivered"), archived({ atMs: 150 })];
/** In the order in which they were accepted. */
const TRACES: ReadonlyMap<string, readonly ZipkinSpan[]> = new Map([
  [traceIdOf(1), email(1, HEALTHY)],
  [traceIdOf(2), email(2, HEALTHY)],
  [
    traceIdOf(3),
    email(3, [
      ...firstAttempt("retried", { error: "451 try later", forMs: 250 }),
      published(2, { atMs: 350 }, "1s"),
      received(2, { atMs: 350, forMs: 1_000 }),
    ]),
  ],
  [traceIdOf(4), [{ traceId: traceIdOf(4), id: "1", name: "get", timestamp: 1, duration: 2 }]],
]);

/** A collector with these traces. */
const reader = (ids: readonly string[] = [...TRACES.keys()]): EmailReader => {
  const traces = new Map(
    ids.map((id) => [id, describeEmailTrace(id, { spans: TRACES.get(id) ?? [] }, undefined)]),
  );
  return {
    recent: () =>
      Promise.resolve({
        status: "found",
        emails: [...traces.values()].toReversed().flatMap(({ emails }) => emails),
      }),
    trace: (id) => {
      const trace = traces.get(id);
      return Promise.resolve(
        trace === undefined ? { status: "unknown" } : { status: "found", trace },
      );
    },
  };
};

Deno.test("GET /api/compare says what is slower, new and missing", async () => {
  await using app = startTestApp({ emails: reader() });
  const response = await app.request(`/api/compare?left=${traceIdOf(3)}&right=${traceIdOf(1)}`);
  equal(response.status, 200);
  const { left, right, rows, differences } = traceComparison.parse(await response.json());
  deepEqual([left.state?.name, right.state?.name], ["sending", "archived"]);
  deepEqual(
    rows.filter(({ status }) => status !== "same").map(({ name, status }) => `${name} ${status}`),
    ["emailer slower", "send-email slower", "archive-email missing", "amqp-retry new"],
  );
  match(
    differences.join("\n"),
    /^amqp-retry: new; 1\.00 s\nsend-email: 248 ms, 48 ms in the other; 200 ms slower; failed$/m,
  );
});

Deno.test("GET /api/compare takes the newest healthy email if no other trace is named", async () => {
  await using app = startTestApp({ emails: reader() });
  for (const [left, right] of [[3, 2], [2, 1]] as const) {
    const response = await app.request(`/api/compare?left=${traceIdOf(left)}`);
    const comparison = traceComparison.parse(await response.json());
    deepEqual([comparison.right.traceId, comparison.right.emailId], [
      traceIdOf(right),
      emailIdOf(right),
    ]);
  }
});

for (
  const [query, status, detail] of [
    ["", 400, /its id is not valid/],
    ["left=x", 400, /its id is not valid/],
    [`left=${traceIdOf(1)}&right=x`, 400, /its id is not valid/],
    [`left=${traceIdOf(1)}&leftEmail=x`, 400, /the id of the email is not valid/],
    [`left=${traceIdOf(5)}`, 404, /does not know the left one/],
    [`left=${traceIdOf(1)}&right=${traceIdOf(5)}`, 404, /does not know the right one/],
    [`left=${traceIdOf(1)}`, 404, /there is no healthy email to compare it with/],
  ] as const
) {
  Deno.test(`GET /api/compare?${query} answers ${status}`, async () => {
    await using app = startTestApp({ emails: reader([traceIdOf(1), traceIdOf(3)]) });
    match((await problemOf(await app.request(`/api/compare?${query}`), status)).detail, detail);
  });
}

Deno.test("GET /api/compare answers 503 without a collector", async () => {
  await using app = startTestApp();
  await problemOf(await app.request(`/api/compare?left=${traceIdOf(1)}`), 503);
});
