/**
 * The traces of an email that is sent at its third attempt: one, or with `TRACE_RETRIES=link` one for each attempt; and its caller's
 * baggage, which is in the same places in both.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { emailSummary, emailTrace } from "@playground/server/trace-view";
import { integrationTest } from "@playground/shared/testing";
import {
  assertTrace,
  type ExpectedSpan,
  type ExpectedSpans,
  type ExpectedTrace,
} from "@playground/shared/trace-assertion";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { z } from "zod";
import { acceptEmail, emailTo } from "../fixture/emails.ts";
import { type FaultySystem, startFaultySystem } from "../fixture/faulty_system.ts";
import { COLLECTORS } from "../fixture/real_components.ts";
import { takeSteps } from "../fixture/steps.ts";
import { runTask } from "../fixture/task_process.ts";
import { allArchivedOnce, getJson, isIn, traceUntil } from "../fixture/test_system.ts";
import { assertCatalogued, DELIVERY, isAs, traceWith } from "../fixture/traces.ts";

const recent = z.object({ emails: z.array(emailSummary) });
const BAGGAGE = "password=hunter2,tenant=acme;from=gateway";

const RECEIPT: ExpectedSpan = { name: "amqp-retry", service: "rabbitmq", kind: "CONSUMER" };

const RETRY: ExpectedSpan = { name: "amqp-retry", service: "emailer", kind: "PRODUCER" };

function retry(emailer: ExpectedSpan): ExpectedSpan {
  return { ...RETRY, children: [emailer] };
}

function failed(...children: ExpectedSpans): ExpectedSpan {
  const sending = { name: "send-email", isFailed: true };
  return { name: "emailer", isFailed: true, children: [sending, ...children] };
}

/** The traces of an email that is sent at its third attempt. */
const TRACES: Readonly<Record<string, readonly ExpectedTrace[]>> = {
  child: [traceWith(failed(retry(failed(retry(DELIVERY), RECEIPT)), RECEIPT))],
  link: [
    traceWith(failed(RETRY, RECEIPT)),
    { spans: [failed(RETRY, RECEIPT)], isWhole: true },
    { spans: [DELIVERY], isWhole: true },
  ],
};

for (const { name, settings: backing, options } of COLLECTORS) {
  for (const mode of ["child", "link"]) {
    integrationTest(`retries (${name}) with TRACE_RETRIES=${mode}`, async (context) => {
      await using test = await startFaultySystem({
        TRACE_RETRIES: mode,
        RETRY_DELAYS: "300ms,2s",
        MAX_ATTEMPTS: "3",
        ...backing(),
      });
      await takeSteps(context, test, {
        "an email is sent at its third attempt": (test) => isSentAtItsThirdAttempt(test, mode),
        "an email is given up, and sent again": (test) => isGivenUpAndSentAgain(test, mode),
      });
    }, options);
  }
}

async function isSentAtItsThirdAttempt(test: FaultySystem, mode: string): Promise<void> {
  test.smtp.refuse();
  const email = await acceptEmail(test, {}, { baggage: BAGGAGE });
  await traceUntil(
    test.client,
    email.traceId,
    ({ spans }) => spans.filter(({ name }) => name === "emailer").length === 2,
  );
  test.smtp.accept();
  const { spans } = await traceUntil(
    test.client,
    email.traceId,
    ({ spans, state }) =>
      state.name === "archived" &&
      isAs({ spans: ["archive-email", "delete-message", "schedule-email"], isConnected: true })(
        spans,
      ) &&
      spans.filter(({ kind }) => kind === "CONSUMER").length === 3,
  );
  const byTrace = Map.groupBy(spans, ({ traceId }) => traceId);
  const isPoll = (trace: readonly ZipkinSpan[]) => trace.some(({ name }) => name === "poll-email");
  const traces = [...byTrace.values()].filter((trace) => !isPoll(trace))
    .toSorted((a, b) => startOf(a) - startOf(b));
  equal(traces.length, TRACES[mode]?.length);
  TRACES[mode]?.forEach((expected, index) => assertTrace(traces[index] ?? [], expected));
  assertCatalogued(spans);

  // Each trace names the others, and all show the same email.
  const ids = traces.map((trace) => trace[0]?.traceId ?? "");
  equal(ids[0], email.traceId);
  for (const id of ids) {
    const shown = emailTrace.parse(await getJson(test, `/api/traces/${id}?email=${email.id}`));
    equal(shown.state?.name, "archived");
    equal(shown.spans.length, spans.length);
    ok(shown.mail);
    deepEqual(shown.rows.filter(({ missingParent }) => missingParent !== undefined), []);
    const linked = shown.rows.filter(({ name, link }) => name === "emailer" && link !== undefined);
    for (const { key, link } of linked) {
      const before = shown.rows.find((row) => row.key === link?.rowKey);
      equal(before?.name, "amqp-retry");
      equal(before?.link?.rowKey, key);
    }
    equal(linked.length, ids.length - 1);
  }
  const { emails } = recent.parse(await getJson(test, "/api/emails"));
  const summary = emails.find(({ emailId }) => emailId === email.id);
  deepEqual([summary?.traceId, summary?.state.name], [email.traceId, "archived"]);
  ok((summary?.archivedAfterMs ?? 0) > 2_300);
  const { code, output } = await runTask("trace", [
    ids.at(-1) ?? "",
    "--zipkin",
    test.direct.ZIPKIN_URL ?? "",
  ]);
  equal(code, 0, output);
  match(output, /schedule-email/);
  equal(output.match(/↔ continues (?:in emailer|amqp-retry)/g)?.length ?? 0, 2 * (ids.length - 1));

  // The baggage: HTTP, AMQP twice, SMTP.
  const common = ["poll-email", "fetch-inbox"];
  for (const { name = "", tags = {} } of spans) {
    equal(tags.tenant, common.includes(name) ? undefined : "acme", name);
    ok(!JSON.stringify(tags).includes("hunter2"));
  }
  const [mail] = await allArchivedOnce(test.archived, [email]);
  deepEqual(mail?.trace?.traceId, ids.at(-1));
  const text = new TextDecoder().decode(mail?.raw?.buffer);
  match(text, /^baggage: tenant=acme\r$/m);
  ok(!text.includes("hunter2") && !text.includes("gateway"));
}

async function isGivenUpAndSentAgain(test: FaultySystem, mode: string): Promise<void> {
  const deferred = emailTo("bounce+451+try+later@example.com");
  const email = await acceptEmail(test, deferred, { baggage: BAGGAGE });
  await traceUntil(test.client, email.traceId, isIn("dead-lettered"));
  const args = ["requeue", email.id, "--amqp", test.direct.AMQP_URL ?? ""];
  const { code, output } = await runTask("dead_letters", args, {
    ZIPKIN_URL: test.direct.ZIPKIN_URL ?? "",
  });
  equal(code, 0, output);
  const { spans } = await traceUntil(
    test.client,
    email.traceId,
    ({ spans, state }) =>
      state.name === "dead-lettered" &&
      spans.filter(({ name }) => name === "emailer").length === 6 &&
      isAs({ spans: [], isConnected: true })(spans),
  );
  equal(new Set(spans.map(({ traceId }) => traceId)).size, mode === "child" ? 1 : 5);
  ok(spans.every(({ tags }) => tags?.tenant === "acme"));
}

function startOf(spans: readonly ZipkinSpan[]): number {
  return Math.min(...spans.map(({ timestamp = Infinity }) => timestamp));
}
