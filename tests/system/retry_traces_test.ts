/**
 * With `TRACE_RETRIES=link` each attempt has a trace of its own, which names the others; the baggage of the email's caller is in all
 * of them. `journey_test.ts` has the one trace of attempts that are not linked.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import {
  assertTrace,
  type ExpectedSpan,
  type ExpectedTrace,
} from "@playground/shared/trace-assertion";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { acceptEmail, emailTo } from "../fixture/emails.ts";
import { type FaultySystem, startFaultySystem } from "../fixture/faulty_system.ts";
import { listedEmails, shownTrace } from "../fixture/page_api.ts";
import { COLLECTORS } from "../fixture/real_components.ts";
import { takeSteps } from "../fixture/steps.ts";
import { runTask } from "../fixture/task_process.ts";
import { allArchivedOnce, isIn, traceUntil } from "../fixture/test_system.ts";
import { assertCatalogued, DELIVERY, isAs, traceWith } from "../fixture/traces.ts";

const BAGGAGE = "password=hunter2,tenant=acme;from=gateway";

/** An attempt that fails, and is tried again. */
const FAILED: ExpectedSpan = {
  name: "emailer",
  isFailed: true,
  children: [
    { name: "send-email", isFailed: true },
    { name: "amqp-retry", service: "emailer", kind: "PRODUCER" },
    { name: "amqp-retry", service: "rabbitmq", kind: "CONSUMER" },
  ],
};

/** The traces of an email that is sent at its third attempt. */
const TRACES: readonly ExpectedTrace[] = [
  traceWith(FAILED),
  { spans: [FAILED], isWhole: true },
  { spans: [DELIVERY], isWhole: true },
];

for (const { name, settings: backing, options } of COLLECTORS) {
  integrationTest(`retries (${name}) with TRACE_RETRIES=link`, async (context) => {
    await using test = await startFaultySystem({
      TRACE_RETRIES: "link",
      RETRY_DELAYS: "300ms,2s",
      MAX_ATTEMPTS: "3",
      ...backing(),
    });
    await takeSteps(context, test, {
      "an email is sent at its third attempt": isSentAtItsThirdAttempt,
      "an email is given up, and sent again": isGivenUpAndSentAgain,
    });
  }, options);
}

async function isSentAtItsThirdAttempt(test: FaultySystem): Promise<void> {
  const { messageServer } = test.system.urls;
  test.smtp.refuse();
  const email = await acceptEmail(test, {}, { baggage: BAGGAGE });
  // The spans tell it later, perhaps after the third attempt.
  await waitFor(
    "two attempts have failed",
    () => test.lines.some((line) => line.includes(`${email.id} is retried at attempt 2`)),
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
  equal(traces.length, TRACES.length);
  TRACES.forEach((expected, index) => assertTrace(traces[index] ?? [], expected));
  assertCatalogued(spans);

  // Each trace names the others, and all show the same email.
  const ids = traces.map((trace) => trace[0]?.traceId ?? "");
  equal(ids[0], email.traceId);
  for (const id of ids) {
    const shown = await shownTrace(messageServer, id, email.id);
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
    equal(linked.length, 2);
  }
  const summary = (await listedEmails(messageServer)).find(({ emailId }) => emailId === email.id);
  deepEqual([summary?.traceId, summary?.state.name], [email.traceId, "archived"]);
  ok((summary?.archivedAfterMs ?? 0) > 2_300);
  const zipkin = `--zipkin=${test.direct.ZIPKIN_URL}`;
  const { code, output } = await runTask("trace", [ids.at(-1) ?? "", zipkin]);
  equal(code, 0, output);
  match(output, /schedule-email/);
  equal(output.match(/↔ continues (?:in emailer|amqp-retry)/g)?.length, 4);

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

async function isGivenUpAndSentAgain(test: FaultySystem): Promise<void> {
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
  equal(new Set(spans.map(({ traceId }) => traceId)).size, 5);
  ok(spans.every(({ tags }) => tags?.tenant === "acme"));
}

function startOf(spans: readonly ZipkinSpan[]): number {
  return Math.min(...spans.map(({ timestamp = Infinity }) => timestamp));
}
