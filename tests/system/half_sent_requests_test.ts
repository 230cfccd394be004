/**
 * A stop while callers have sent part of a request and say nothing more: no service waits for them, the emailer sends no mail
 * twice, and no span is lost.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { PASSWORD, startTestSmtpServer, USER } from "../../emailer/testing/smtp_server.ts";
import { HALF_BODY, HALF_HEAD, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { acceptEmail, ServiceProcess } from "../fixture/service_process.ts";
import { TraceReader } from "../fixture/traces.ts";

/** The bound that `docker stop` and Kubernetes are told of. */
const STOP_LIMIT_MS = 15_000;
/** After this a mail that the server does not answer is broken off. */
const BREAK_OFF_MS = 8_000;

/** Asks a service to stop as an orchestrator does, and holds it to what it promises. */
async function stopsInTime(service: ServiceProcess): Promise<number> {
  const startMs = performance.now();
  Deno.kill(service.pid, "SIGTERM");
  const code = await service.exitCode;
  const durationMs = performance.now() - startMs;
  equal(code, 0, service.lines.join("\n"));
  ok(durationMs < STOP_LIMIT_MS, `it took ${durationMs} ms`);
  return durationMs;
}

for (const name of SERVICE_NAMES) {
  for (const [part, request] of [["head", HALF_HEAD], ["body", HALF_BODY]] as const) {
    integrationTest(
      `the ${name} at SIGTERM does not wait for a request whose ${part} never ends`,
      async () => {
        await using standIns = await startStandIns([...STAND_IN_NAMES], ANY_PORTS);
        await using service = new ServiceProcess(name, { environment: standIns.variables });
        await service.ready();
        using _half = await HalfSentRequests.open(service.url, request, 1);
        const durationMs = await stopsInTime(service);
        ok(durationMs < BREAK_OFF_MS, `it took ${durationMs} ms`);
      },
    );
  }

  const streamCount = name === "message-server" ? 200 : 0;
  integrationTest(
    `the ${name} at SIGTERM exits with 0 in time, with ${streamCount} event streams and 1,000 half-sent requests open`,
    async () => {
      await using standIns = await startStandIns([...STAND_IN_NAMES], ANY_PORTS);
      await using service = new ServiceProcess(name, { environment: standIns.variables });
      await service.ready();
      const streams = await Promise.all(
        Array.from({ length: streamCount }, () => fetch(new URL("/api/events", service.url))),
      );
      using heads = await HalfSentRequests.open(service.url, HALF_HEAD, 500);
      using bodies = await HalfSentRequests.open(service.url, HALF_BODY, 500);
      equal(heads.count + bodies.count, 1_000);
      await stopsInTime(service);
      deepEqual(service.lines.filter((line) => line.includes('"ERROR"')), []);
      await Promise.allSettled(streams.map(({ body }) => body?.cancel()));
    },
  );
}

/** A system whose mail server answers each mail when it is told to. */
async function startDelivery(answer: () => Promise<void>) {
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(await startStandIns(["amqp", "zipkin"], ANY_PORTS));
  const messageIds: string[] = [];
  const smtp = resources.use(
    await startTestSmtpServer({
      overrides: {
        async onData(stream, _session, callback) {
          const text = await new Response(ReadableStream.from(stream)).text();
          messageIds.push(text.match(/^message-id: (?<id>\S+)/im)?.groups?.id ?? "none");
          await answer();
          callback(null);
        },
      },
    }),
  );
  const environment = {
    ...variables,
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(smtp.port),
    SMTP_CA: smtp.caPem,
    MAILTRAP_USER: USER,
    MAILTRAP_PASSWORD: PASSWORD,
  };
  const server = resources.use(new ServiceProcess("message-server", { environment }));
  const emailer = resources.use(new ServiceProcess("emailer", { environment }));
  await Promise.all([server.ready(), emailer.ready()]);
  const started = resources.move();
  return {
    server,
    emailer,
    messageIds,
    traces: new TraceReader(variables.ZIPKIN_URL ?? ""),
    nextEmailer: () => new ServiceProcess("emailer", { environment }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

const sendings = (spans: readonly ZipkinSpan[]) =>
  spans.filter(({ name }) => name === "send-email");

for (const [part, request] of [["head", HALF_HEAD], ["body", HALF_BODY]] as const) {
  integrationTest(
    `the emailer at SIGTERM takes nothing more, sends no mail twice and loses no span, with half a ${part} on its port`,
    async () => {
      const emailCount = 200;
      await using test = await startDelivery(() =>
        new Promise((resolve) => setTimeout(resolve, 20))
      );
      using _half = await HalfSentRequests.open(test.emailer.url, request, 1);
      const accepted = await Promise.all(
        Array.from({ length: emailCount }, () => acceptEmail(test.server)),
      );
      await waitFor("some mails are sent", () => test.messageIds.length > 20);
      await stopsInTime(test.emailer);
      ok(test.messageIds.length < emailCount, "it went on until all were sent");

      await using _next = test.nextEmailer();
      for (const { traceId } of accepted) {
        const isSent = (spans: readonly ZipkinSpan[]) => sendings(spans).length > 0;
        const spans = await test.traces.traceUntil(traceId, isSent);
        equal(sendings(spans).length, 1);
      }
      deepEqual(test.messageIds.toSorted(), accepted.map(({ messageId }) => messageId).toSorted());
    },
  );
}

integrationTest(
  "the emailer at SIGTERM breaks a mail off that is unanswered after 8 s, says so in its span, and it comes again",
  async () => {
    const answer = Promise.withResolvers<void>();
    await using test = await startDelivery(() => answer.promise);
    using _half = await HalfSentRequests.open(test.emailer.url, HALF_BODY, 1);
    const { traceId } = await acceptEmail(test.server);
    await waitFor("the mail is sent", () => test.messageIds.length === 1);
    const durationMs = await stopsInTime(test.emailer);
    ok(durationMs >= BREAK_OFF_MS, `it took only ${durationMs} ms`);
    const broken = await test.traces.traceUntil(
      traceId,
      (spans) => spans.some(({ name }) => name === "emailer"),
    );
    ok(sendings(broken)[0]?.tags?.error, JSON.stringify(broken));

    answer.resolve();
    await using _next = test.nextEmailer();
    await test.traces.traceUntil(traceId, (spans) => sendings(spans).length === 2);
    equal(test.messageIds.length, 2);
  },
);
