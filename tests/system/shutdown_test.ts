/**
 * SIGTERM in the middle of the work: each service finishes or gives back its work, sends its last spans and exits with 0 in
 * bounded time, even with half-sent requests open.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { QUEUE } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { brokerTest, messageCount } from "../fixture/brokers.ts";
import { startEmailerBench } from "../fixture/emailer_bench.ts";
import { acceptEmails } from "../fixture/emails.ts";
import { answerTo, HALF_BODY, HALF_HEAD, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { startHttpProxy } from "../fixture/http_proxy.ts";
import {
  answersOk,
  ServiceProcess,
  startService,
  startServices,
} from "../fixture/service_process.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { allArchivedOnce, openArchive } from "../fixture/test_system.ts";
import { TraceReader } from "../fixture/traces.ts";

/** The documented time limit of a stop, including the flush. */
const STOP_LIMIT_MS = 15_000;
/** After this a mail that the server does not answer is broken off. */
const BREAK_OFF_MS = 8_000;

/** Stops a service as an orchestrator does, and checks its promises; returns how long it took. */
async function stopsInTime(service: ServiceProcess, limitMs = BREAK_OFF_MS): Promise<number> {
  const startMs = performance.now();
  Deno.kill(service.pid, "SIGTERM");
  const code = await service.exitCode;
  const durationMs = performance.now() - startMs;
  equal(code, 0, service.lines.join("\n"));
  ok(durationMs < limitMs, `it took ${durationMs} ms`);
  deepEqual(service.lines.filter((line) => line.includes('"ERROR"')), []);
  return durationMs;
}

/** Opens 1,000 half-sent requests, for none of which a stop may wait. */
async function openHalfSentRequests(
  { url }: ServiceProcess,
  resources: AsyncDisposableStack,
): Promise<void> {
  for (const part of [HALF_HEAD, HALF_BODY]) {
    equal(resources.use(await HalfSentRequests.open(url, part, 500)).count, 500);
  }
}

const takesNothingNew = ({ url }: ServiceProcess) =>
  waitFor("it takes no new request", async () => !await answersOk(`${url}/healthz`));

const isSending = ({ name }: ZipkinSpan) => name === "send-email";
const isFailed = ({ tags }: ZipkinSpan) => tags?.error !== undefined;

integrationTest(
  "the message server at SIGTERM answers what is in flight, takes nothing new, waits for none of 200 event streams and 1,000 half-sent requests, whose bodies are a 503 in their spans, flushes and exits with 0",
  async () => {
    await using resources = new AsyncDisposableStack();
    const standIns = resources.use(await startStandIns(["amqp", "zipkin"], ANY_PORTS));
    const { AMQP_URL = "", ZIPKIN_URL = "" } = standIns.variables;
    const proxy = resources.use(new TcpProxy(AMQP_URL));
    const environment = { AMQP_URL: proxy.url, ZIPKIN_URL };
    const server = resources.use(await startService("message-server", environment));
    const listen = () => fetch(`${server.url}/api/events`);
    const streams = await Promise.all(Array.from({ length: 200 }, listen));
    ok(streams.every((stream) => stream.ok));
    const oneMore = await listen();
    equal(oneMore.status, 503, await oneMore.text());
    const answer = answerTo(HALF_BODY, server.url);
    await openHalfSentRequests(server, resources);
    // A slow broker: its confirms are still on their way when the server is asked to stop.
    const confirming = Promise.withResolvers<void>();
    proxy.hold(confirming.promise);
    const answers = acceptEmails(server, 20);
    await waitFor(
      "all emails are at the broker",
      async () => await messageCount(AMQP_URL, QUEUE) === 20,
    );
    const stopped = stopsInTime(server);
    await takesNothingNew(server);
    confirming.resolve();
    const accepted = await answers;
    await stopped;
    for (const stream of streams) ok((await stream.text()).endsWith("\n\n"));
    match(await answer, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    const traces = new TraceReader(ZIPKIN_URL);
    const tags = { "http.status_code": "503" };
    await traces.findTrace({ annotationQuery: "http.status_code=503" }, [
      { name: "schedule-email", isFailed: true, tags },
    ]);
    for (const { traceId } of accepted) {
      await traces.traceUntil(traceId, ["schedule-email", "amqp-publish"]);
    }
  },
);

brokerTest(
  "the emailer at SIGTERM finishes its mails, takes nothing more, sends none twice, loses no span and waits for none of 1,000 half-sent requests",
  async (broker) => {
    const emailCount = 200;
    await using resources = new AsyncDisposableStack();
    const bench = resources.use(
      await startEmailerBench(broker, {
        script: async ({ verb }) => {
          if (verb === "END OF MAIL") await new Promise((resolve) => setTimeout(resolve, 20));
          return undefined;
        },
      }),
    );
    const { emailer, smtp, mailNumbers } = bench;
    await openHalfSentRequests(emailer, resources);
    await bench.publish(1, emailCount);
    await waitFor("some mails are sent", () => smtp.mails.length > 20);
    await stopsInTime(emailer);
    const sentCount = smtp.mails.length;
    ok(sentCount < emailCount, "it went on until all were sent");
    await waitFor(
      "the rest waits",
      async () => await bench.waitingCount() === emailCount - sentCount,
    );

    await using _next = new ServiceProcess("emailer", emailer);
    await waitFor(
      "each mail has its span",
      async () => (await bench.spans()).filter(isSending).length === emailCount,
    );
    deepEqual(mailNumbers().toSorted((a, b) => a - b), [...Array(emailCount + 1).keys()].slice(1));
  },
);

brokerTest(
  "the emailer at SIGTERM breaks a mail off that is unanswered after 8 s, says so in its span, and gives it to the next one",
  async (broker) => {
    const answer = Promise.withResolvers<void>();
    await using bench = await startEmailerBench(broker, {
      script: async ({ verb }) => {
        if (verb === "END OF MAIL") await answer.promise;
        return undefined;
      },
    });
    const { emailer, smtp, waitingCount } = bench;
    using _half = await HalfSentRequests.open(emailer.url, HALF_BODY, 1);
    await bench.publish(1, 1);
    await waitFor("the mail is sent", () => smtp.mails.length === 1);
    const durationMs = await stopsInTime(emailer, STOP_LIMIT_MS);
    ok(durationMs >= BREAK_OFF_MS, `it took only ${durationMs} ms`);
    await waitFor("it waits again", async () => await waitingCount() === 1);
    deepEqual((await bench.spans()).filter(isSending).map(isFailed), [true]);

    answer.resolve();
    await using next = new ServiceProcess("emailer", emailer);
    await waitFor(
      "it is acknowledged",
      () => next.lines.some((line) => line.includes("Delivered")),
    );
    equal(smtp.mails.length, 2);
    equal(await waitingCount(), 0);
    await waitFor(
      "only the second one succeeds",
      async () =>
        (await bench.spans()).filter(isSending).map(isFailed).toSorted().join() === "false,true",
    );
  },
);

integrationTest(
  "the poller at SIGTERM finishes the mails in hand, waits for none of 1,000 half-sent requests and exits with 0; the next one archives the rest, each once",
  async () => {
    const emailCount = 50;
    await using resources = new AsyncDisposableStack();
    const { variables } = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
    const { MAILTRAP_URL = "", MONGODB_URL = "" } = variables;
    const environment = { ...variables, POLL_CONCURRENCY: "1" };
    const archived = openArchive(MONGODB_URL, resources);
    const services = resources.use(
      await startServices(["message-server", "emailer"], { environment }),
    );
    const accepted = await acceptEmails(services["message-server"], emailCount);
    await waitFor(
      "all are delivered",
      () =>
        services.emailer.lines.filter((line) => line.includes("Delivered")).length === emailCount,
    );

    const mailtrap = resources.use(startHttpProxy(MAILTRAP_URL));
    const stopping = Promise.withResolvers<void>();
    let fetchCount = 0;
    mailtrap.intercept(async ({ url }) => {
      if (url.endsWith("/body.eml") && ++fetchCount === 2) await stopping.promise;
      return undefined;
    });
    const poller = resources.use(
      new ServiceProcess("mail-poller", {
        environment: { ...environment, MAILTRAP_URL: mailtrap.url },
      }),
    );
    await poller.ready();
    await openHalfSentRequests(poller, resources);
    await waitFor("one mail is archived and the next one in hand", () => fetchCount === 2);
    const stopped = stopsInTime(poller);
    await takesNothingNew(poller);
    stopping.resolve();
    await stopped;
    const { length: firstCount } = await archived();
    ok(firstCount >= 2, `it archived only ${firstCount}`);
    ok(firstCount < emailCount, `it archived all ${firstCount} before it stopped`);

    await using _next = new ServiceProcess("mail-poller", { environment });
    await allArchivedOnce(archived, accepted);
  },
);
