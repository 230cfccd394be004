/**
 * The log lines inside the trace: what a service logs about an email stands in that email's spans, in a real Zipkin too.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { emailTrace } from "@playground/server/trace-view";
import { hasTestPermissions, integrationTest, runDeno } from "@playground/shared/testing";
import { startTestSystem, traceUntil } from "../fixture/test_system.ts";
import { TraceReader, whole } from "../fixture/traces.ts";

const zipkinUrl = hasTestPermissions ? Deno.env.get("TEST_ZIPKIN_URL") : undefined;
const SOMEBODY = { address: "you@example.com" };
const EMAIL = {
  sender: { address: "me@example.com" },
  recipient: { address: "bounce+550+no+such+user@example.com" },
  subject: "Secret subject",
  body: "Secret body",
};

for (
  const { name, settings, options } of [
    { name: "embedded", settings: {}, options: {} },
    {
      name: "real",
      settings: zipkinUrl === undefined ? {} : { ZIPKIN_URL: zipkinUrl },
      options: zipkinUrl === undefined ? { ignoredBecause: "set TEST_ZIPKIN_URL to run it" } : {},
    },
  ]
) {
  integrationTest(`what is logged in a span stands in the trace (${name} Zipkin)`, async () => {
    await using test = await startTestSystem({ settings });
    const posted = await test.client.postEmail(EMAIL);
    ok(posted.status === "accepted");
    const { id, traceId } = posted.email;
    const { spans } = await traceUntil(
      test.client,
      traceId,
      ({ spans, state }) =>
        state.name === "dead-lettered" && whole("schedule-email", "emailer")(spans),
    );
    const logged = spans.flatMap((span) =>
      (span.annotations ?? []).map(({ timestamp, value }) => {
        const atUs = timestamp - (span.timestamp ?? 0);
        ok(atUs >= 0 && atUs <= (span.duration ?? 0), `${value} at ${atUs} µs of its span`);
        return `${span.name}: ${value}`;
      })
    );
    deepEqual(logged, [
      `schedule-email: INFO Accepted email ${id}`,
      `emailer: WARNING Email ${id} is dead-lettered at attempt 1: ` +
      "refused for good: 550 no such user",
    ]);

    const response = await fetch(new URL(`/api/traces/${traceId}`, test.system.urls.messageServer));
    const { rows } = emailTrace.parse(await response.json());
    deepEqual(rows.flatMap(({ name, logs }) => logs.map(({ text }) => `${name}: ${text}`)), logged);

    const zipkin = `--zipkin=${test.system.urls.zipkin}`;
    const drawn = await runDeno(["run", "-A", "tasks/trace/main.ts", traceId, zipkin, "--logs"]);
    match(drawn.output, new RegExp(`· +\\S+ m?s INFO Accepted email ${id}`));
  }, options);

  integrationTest(`what a poll logs stands in its span, and once (${name} Zipkin)`, async () => {
    await using test = await startTestSystem({ settings });
    const posted = await test.client.postEmail({ ...EMAIL, recipient: SOMEBODY });
    ok(posted.status === "accepted");
    const { spans } = await traceUntil(
      test.client,
      posted.email.traceId,
      ({ state }) => state.name === "archived",
    );
    const archived = spans.find(({ name }) => name === "archive-email");
    const poll = await new TraceReader(test.system.urls.zipkin).traceUntil(
      archived?.tags?.["poll.trace_id"] ?? "",
      (spans) => spans.some(({ name }) => name === "poll-email"),
    );
    const text = "Archived 1 of 1 messages";
    deepEqual(
      poll.flatMap((span) => (span.annotations ?? []).map(({ value }) => `${span.name}: ${value}`)),
      [`poll-email: INFO ${text}`],
    );
    equal(test.lines.filter((line) => line.includes(text)).length, 1);
  }, options);
}

integrationTest("with TRACE_LOGS=off no log line stands in the trace", async () => {
  await using test = await startTestSystem({ settings: { TRACE_LOGS: "off" } });
  const posted = await test.client.postEmail(EMAIL);
  ok(posted.status === "accepted");
  const { spans } = await traceUntil(
    test.client,
    posted.email.traceId,
    ({ spans, state }) =>
      state.name === "dead-lettered" && whole("schedule-email", "emailer")(spans),
  );
  equal(spans.some(({ annotations }) => annotations !== undefined), false);
});
